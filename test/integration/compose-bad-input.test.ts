// Everything wrong with a user's files is found at plan time: code, file, line and path, by the real Compose command.
import path from 'node:path';
import { resolveProject, type ResolveResult } from '../../adapters/compose/resolve.ts';
import type { Finding } from '../../schema/finding.ts';
import { ProjectSpec } from '../../schema/spec.ts';
import { composeCommand } from '../support/compose-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly finds: Partial<Finding> & Pick<Finding, 'code'>;
  /** Relative; the Compose file unless it says otherwise. */
  readonly file?: string;
}

const compose = (text: string): Record<string, string> => ({ 'compose.yaml': text });
const service = (lines: string): Record<string, string> => compose(`services:\n  a:\n    image: bb:1\n${lines}\n`);

const CASES: Readonly<Record<string, Case>> = {
  'a missing Compose file': { files: {}, finds: { code: 'DIVE-1102' } },
  'invalid YAML': { files: compose('services:\n  a:\n    image: "bb\n'), finds: { code: 'DIVE-1101', line: 4 } },
  'a key given twice': { files: service('    image: x'), finds: { code: 'DIVE-1101', line: 4 } },
  'an empty file': { files: compose(''), finds: { code: 'DIVE-1105' } },
  'a missing required variable': {
    files: compose('services:\n  a:\n    image: bb:1\n    environment:\n      X: ${NEEDED:?say it}\n'),
    finds: { code: 'DIVE-1103', path: 'services.a.environment.X', line: 5 },
  },
  'a broken interpolation': {
    files: service('    hostname: ${'),
    finds: { code: 'DIVE-1105', path: 'services.a.hostname', line: 4 },
  },
  'a key that Compose does not know': {
    files: service('    imagge: x'),
    finds: { code: 'DIVE-1105', path: 'services.a.imagge', line: 4 },
  },
  'a value of the wrong kind': {
    files: service('    depends_on: { b: { condition: maybe } }'),
    finds: { code: 'DIVE-1105', line: 4 },
  },
  'a duration that is none': {
    files: service('    healthcheck:\n      test: [CMD, x]\n      interval: soon'),
    finds: { code: 'DIVE-1105', path: 'services.a.healthcheck.interval', line: 6 },
  },
  'a dependency on a missing service': {
    files: service('    depends_on: [ghost]'),
    finds: { code: 'DIVE-1109', path: 'services.a.depends_on', line: 4 },
  },
  'a network that nothing defines': {
    files: service('    networks: [ghost]'),
    finds: { code: 'DIVE-1105', path: 'services.a', line: 2 },
  },
  'a missing env file': { files: service('    env_file: gone.env'), finds: { code: 'DIVE-1107' }, file: 'gone.env' },
  'a missing included file': {
    files: compose('include: [gone.yaml]\nservices: {}\n'),
    finds: { code: 'DIVE-1107' },
    file: 'gone.yaml',
  },
  'a missing secret file': {
    files: service('    secrets: [s]\nsecrets:\n  s:\n    file: ./gone.txt'),
    finds: { code: 'DIVE-1107', path: 'secrets.s.file', line: 7 },
  },
  'a secret from a variable that nobody set': {
    files: service('    secrets: [s]\nsecrets:\n  s:\n    environment: GONE'),
    finds: { code: 'DIVE-1004', path: 'secrets.s.environment', line: 7 },
  },
  'a bind source that must exist': {
    files: service(
      '    volumes:\n      - { type: bind, source: ./gone, target: /x, bind: { create_host_path: false } }',
    ),
    finds: { code: 'DIVE-1107', path: 'services.a.volumes[0]', line: 5 },
  },
  'a key that only Compose itself can do': {
    files: compose('services:\n  a:\n    provider: { type: x }\n'),
    finds: { code: 'DIVE-1106', path: 'services.a.provider', line: 3 },
  },
  'an external secret': {
    files: service('    secrets: [s]\nsecrets:\n  s: { external: true }'),
    finds: { code: 'DIVE-1106', path: 'secrets.s.external', line: 6 },
  },
  'a check interval that the engine does not know': {
    files: service('    healthcheck: { test: [CMD, x], start_interval: 1s }'),
    finds: { code: 'DIVE-1106', path: 'services.a.healthcheck.start_interval', line: 4 },
  },
  'a host port twice': {
    files: compose(
      'services:\n  a:\n    image: x\n    ports: ["80:80"]\n  b:\n    image: x\n    ports: ["127.0.0.1:80:8080"]\n',
    ),
    finds: { code: 'DIVE-1111', path: 'services.b.ports[0]', line: 7 },
  },
  'one host port for two containers': {
    files: service('    scale: 2\n    ports: ["8080:80"]'),
    finds: { code: 'DIVE-1111', path: 'services.a.ports[0]', line: 5 },
  },
  'a volume name of one letter': {
    files: service('    volumes: ["v:/data"]\nvolumes: { v: {} }'),
    finds: { code: 'DIVE-1105', path: 'services.a.volumes[0]', line: 4 },
  },
  'a container name for two containers': {
    files: service('    scale: 2\n    container_name: mine'),
    finds: { code: 'DIVE-1105' },
  },
  'content for a read-only service': {
    files: service('    read_only: true\n    configs: [c]\nconfigs: { c: { content: x } }'),
    finds: { code: 'DIVE-1106', path: 'services.a.configs', line: 5 },
  },
  'health awaited of a service whose check is disabled': {
    files: compose(
      'services:\n  a:\n    image: x\n    healthcheck: { disable: true }\n  b:\n    image: x\n    depends_on:\n      a: { condition: service_healthy }\n',
    ),
    finds: { code: 'DIVE-1105', path: 'services.b.depends_on.a.condition', line: 8 },
  },
  'volumes of a service with two containers': {
    files: compose('services:\n  a: { image: x, scale: 2 }\n  b:\n    image: x\n    volumes_from: [a]\n'),
    finds: { code: 'DIVE-1106', path: 'services.b.volumes_from', line: 5 },
  },
  'an unknown field of x-dive': {
    files: service('    x-dive:\n      timout: 90s'),
    finds: { code: 'DIVE-1110', path: 'services.a.x-dive.timout', line: 5 },
  },
  'a variable in x-dive': {
    files: service('    x-dive:\n      timeout: ${T:-90s}'),
    finds: { code: 'DIVE-1110', path: 'services.a.x-dive.timeout', line: 5 },
  },
  'a settle time that is none': {
    files: service('    x-dive:\n      settle: soon'),
    finds: { code: 'DIVE-1110', path: 'services.a.x-dive.settle', line: 5 },
  },
  'a settle time that its own timeout cuts short': {
    files: service('    x-dive:\n      timeout: 60s\n      settle: 2m'),
    finds: { code: 'DIVE-1110', path: 'services.a.x-dive.settle', line: 6 },
  },
  'a timeout out of range': {
    files: service('    x-dive:\n      timeout: 2h'),
    finds: { code: 'DIVE-1110', path: 'services.a.x-dive.timeout', line: 5 },
  },
};

async function resolve(folder: string): Promise<ResolveResult> {
  const source = {
    workingDir: folder,
    files: [path.join(folder, 'compose.yaml')],
    envFiles: [],
    profiles: [],
    environment: {},
  };
  return resolveProject({ composeCommand: composeCommand(), source });
}

it.each(Object.entries(CASES))('%s is named with its place', async (_name, { files, finds, file = 'compose.yaml' }) => {
  await using folder = await temporaryFolder(files);
  const result = await resolve(folder.path);
  expect(result).toMatchObject({ kind: 'invalid', findings: [{ ...finds, file: path.join(folder.path, file) }] });
});

it('several faults are told at once', async () => {
  await using folder = await temporaryFolder(
    service(
      '    healthcheck: { test: [CMD, x], start_interval: 1s }\n    x-dive: { a: 1, b: 2 }\n    secrets: [s]\nsecrets: { s: { file: ./gone } }',
    ),
  );
  const result = await resolve(folder.path);
  const codes = result.kind === 'invalid' ? result.findings.map((finding) => finding.code).sort() : [];
  expect(codes).toEqual(['DIVE-1106', 'DIVE-1107', 'DIVE-1110', 'DIVE-1110']);
});

it('of a project with two circles every dependency comes back', async () => {
  await using folder = await temporaryFolder(
    compose(
      ['a: [b]', 'b: [a]', 'c: [d]', 'd: [c]', 'e: [a]']
        .map((line) => `  ${line.replace(': ', ': { image: x, depends_on: ')} }`)
        .reduce((text, line) => `${text}\n${line}`, 'services:'),
    ),
  );
  const result = await resolve(folder.path);
  expect(result).toMatchObject({ kind: 'cyclic', files: [path.join(folder.path, 'compose.yaml')] });
  const edges =
    result.kind === 'cyclic'
      ? result.services.flatMap((one) => one.dependsOn.map((to) => `${one.name}${to.service}`))
      : [];
  expect(edges.sort()).toEqual(['ab', 'ba', 'cd', 'dc', 'ea']);
});

it('services with names that JavaScript knows are services like all others', async () => {
  await using folder = await temporaryFolder(
    compose(
      'services:\n  constructor: { image: x, depends_on: [__proto__] }\n  toString: { image: x, depends_on: [constructor] }\n  __proto__: { image: x, x-dive: { timeout: 4m } }\n',
    ),
  );
  const result = await resolve(folder.path);
  if (result.kind !== 'resolved') throw new Error(JSON.stringify(result));
  const project = ProjectSpec.parse(JSON.parse(JSON.stringify(result.project)));
  expect(
    project.services.map(({ name, dependsOn, options }) => [name, dependsOn.map((to) => to.service), options]),
  ).toEqual([
    ['__proto__', [], { timeoutMs: 240_000 }],
    ['constructor', ['__proto__'], {}],
    ['toString', ['constructor'], {}],
  ]);
});

it('a command that cannot be run is a missing tool', async () => {
  await using folder = await temporaryFolder(service(''));
  const source = { workingDir: folder.path, files: [], envFiles: [], profiles: [], environment: {} };
  const result = await resolveProject({ composeCommand: ['/nowhere/docker-compose'], source });
  expect(result).toMatchObject({ kind: 'invalid', findings: [{ code: 'DIVE-1605' }] });
});
