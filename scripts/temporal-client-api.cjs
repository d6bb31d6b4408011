// The part of Temporal's API that the command speaks. The SDK describes all of it at every start, and most of
// that is never asked for by a client of workflows.
const fs = require('node:fs');
const path = require('node:path');

const CALLS = {
  'temporal.api.workflowservice.v1.WorkflowService': [
    'StartWorkflowExecution',
    'SignalWorkflowExecution',
    'SignalWithStartWorkflowExecution',
    'QueryWorkflow',
    'UpdateWorkflowExecution',
    'PollWorkflowExecutionUpdate',
    'ExecuteMultiOperation',
    'RequestCancelWorkflowExecution',
    'TerminateWorkflowExecution',
    'DeleteWorkflowExecution',
    'DescribeWorkflowExecution',
    'GetWorkflowExecutionHistory',
    'ListWorkflowExecutions',
    'CountWorkflowExecutions',
    'DescribeNamespace',
    'GetSystemInfo',
  ],
  'temporal.api.operatorservice.v1.OperatorService': [],
  'temporal.api.testservice.v1.TestService': [],
  'grpc.health.v1.Health': ['Check'],
};
/** Kept whole: histories, and what errors carry, are looked up by name. */
const WHOLE = [
  'temporal.api.history.',
  'temporal.api.common.',
  'temporal.api.failure.',
  'temporal.api.errordetails.',
  'temporal.api.enums.',
  'google.protobuf.',
  'google.rpc.',
];

/** Source of `@temporalio/proto/protos/json-module.js` with that part alone. */
function clientApiModule(file) {
  const source = fs.readFileSync(file, 'utf8');
  const from = source.indexOf('.addJSON(') + '.addJSON('.length;
  const to = source.indexOf('\n});', from) + 2;
  const api = JSON.parse(source.slice(from, to));
  const kept = reachable(require(file));
  // As text: V8 reads JSON faster than it makes the same of code.
  const text = JSON.stringify(JSON.stringify(pruned({ nested: api }, '', kept).nested));
  return `${source.slice(0, from)}JSON.parse(${text})${source.slice(to)}`;
}

/** Full names of all types that the calls and the namespaces kept whole lead to. */
function reachable(root) {
  root.resolveAll();
  const found = new Set();
  const visit = (type) => {
    if (!type || found.has(type.fullName)) return;
    found.add(type.fullName);
    for (const field of type.fieldsArray ?? []) visit(field.resolvedType);
    for (const inner of type.nestedArray ?? []) visit(inner);
    // Who is nested keeps its name through its parent.
    for (let up = type.parent; up?.fields; up = up.parent) visit(up);
  };
  for (const [service, methods] of Object.entries(CALLS)) {
    for (const name of methods) {
      const method = root.lookupService(service).methods[name];
      visit(method.resolvedRequestType);
      visit(method.resolvedResponseType);
    }
  }
  const all = (space) => {
    for (const inner of space.nestedArray ?? []) {
      if (WHOLE.some((start) => inner.fullName.startsWith(`.${start}`)) && !inner.methods) visit(inner);
      all(inner);
    }
  };
  all(root);
  return found;
}

function pruned(space, name, kept) {
  const nested = Object.entries(space.nested ?? {}).flatMap(([key, inner]) => {
    const full = `${name}.${key}`;
    if (inner.methods) return keptService(key, inner, CALLS[full.slice(1)]);
    if (inner.fields || inner.values) return kept.has(full) ? [[key, inner]] : [];
    const rest = pruned(inner, full, kept);
    return Object.keys(rest.nested).length === 0 ? [] : [[key, rest]];
  });
  return { ...space, nested: Object.fromEntries(nested) };
}

function keptService(key, service, calls) {
  if (!calls) return [];
  const methods = Object.fromEntries(Object.entries(service.methods).filter(([name]) => calls.includes(name)));
  return [[key, { ...service, methods }]];
}

/** For esbuild. */
const temporalClientApi = {
  name: 'the API that is spoken',
  setup(bundler) {
    bundler.onLoad({ filter: /@temporalio[/\\]proto[/\\]protos[/\\]json-module\.js$/ }, ({ path: file }) => ({
      contents: clientApiModule(path.resolve(file)),
    }));
  },
};

module.exports = { temporalClientApi, clientApiModule };
