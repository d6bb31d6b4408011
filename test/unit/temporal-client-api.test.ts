// The part of Temporal's API that the bundle of the command holds.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

const ROOT = path.resolve(__dirname, '../..');
const FILE = path.join(ROOT, 'node_modules/@temporalio/proto/protos/json-module.js');
const {
  clientApiModule,
}: { readonly clientApiModule: (file: string) => string } = require('../../scripts/temporal-client-api.cjs');

interface Root {
  resolveAll(): unknown;
  lookup(name: string): unknown;
  lookupService(name: string): { methods: Record<string, unknown> };
  lookupType(name: string): { fields: Record<string, unknown> };
}

/** Its own root: the SDK's registers itself under a name that is shared. */
function load(): Root {
  const light: { Root: unknown } = require('protobufjs/light');
  const source = `(function (require, module) {${clientApiModule(FILE)}\nreturn module.exports;\n})`;
  const root: Root = vm.runInThisContext(source)(() => ({ roots: {}, Root: light.Root }), {});
  return root;
}

test('it is whole in itself: every type that is named is there', () => {
  expect(() => load().resolveAll()).not.toThrow();
});

test('every call that our own code makes by name is there', () => {
  const sources = ['cli', 'client'].flatMap((room) =>
    readdirSync(path.join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(path.join(ROOT, room, name), 'utf8')),
  );
  const called = sources.flatMap((text) => [...text.matchAll(/workflowService\.(\w+)\(/g)].map(([, name]) => name));
  expect(called).toContain('deleteWorkflowExecution');
  const service = load().lookupService('temporal.api.workflowservice.v1.WorkflowService');
  const known = Object.keys(service.methods).map((name) => name[0]?.toLowerCase() + name.slice(1));
  expect(called.filter((name) => !known.includes(name ?? ''))).toEqual([]);
});

test('what the command calls and what histories and errors carry is there as the SDK has it, the rest is not', () => {
  const root = load();
  const full: Root = require(FILE);
  for (const name of [
    'temporal.api.workflowservice.v1.StartWorkflowExecutionRequest',
    'temporal.api.workflowservice.v1.QueryWorkflowResponse',
    'temporal.api.history.v1.WorkflowExecutionStartedEventAttributes',
    'temporal.api.failure.v1.Failure',
    'temporal.api.errordetails.v1.WorkflowExecutionAlreadyStartedFailure',
  ]) {
    expect(Object.keys(root.lookupType(name).fields)).toEqual(Object.keys(full.lookupType(name).fields));
  }
  expect(root.lookup('coresdk')).toBeNull();
  expect(root.lookup('temporal.api.cloud')).toBeNull();
  expect(root.lookup('temporal.api.workflowservice.v1.RegisterNamespaceRequest')).toBeNull();
});
