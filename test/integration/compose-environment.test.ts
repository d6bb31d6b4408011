// The variables of a project as they are read here, beside what the real Compose command says they are.
import path from 'node:path';
import { runCompose } from '../../adapters/compose/compose-command.ts';
import { plainEnvironment } from '../../adapters/compose/plain-environment.ts';
import { readEnvironment } from '../../adapters/compose/read-source.ts';
import type { ComposeSource } from '../../schema/spec.ts';
import { composeCommand } from '../support/compose-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PLAIN = `# what it is for
A=1
EMPTY=
URL=postgres://u:p@db:5432/x,y
BASE64=aGVsbG8=
lower_case=/srv/a.b-c
`;

/** Ours and theirs, of a project `t-environment` with these files. */
async function both(
  files: Readonly<Record<string, string>>,
  named: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<{ ours: unknown; theirs: unknown }> {
  await using folder = await temporaryFolder({
    'compose.yaml': 'name: t-environment\nservices: { a: { image: x } }\n',
    ...files,
  });
  const source: ComposeSource = {
    workingDir: folder.path,
    files: [path.join(folder.path, 'compose.yaml')],
    envFiles: named.map((name) => path.join(folder.path, name)),
    profiles: [],
    environment,
  };
  const said = await runCompose(composeCommand(), source, ['config', '--environment']);
  expect(said).toMatchObject({ exitCode: 0 });
  const { COMPOSE_PROJECT_NAME: name, ...theirs } = Object.fromEntries(readEnvironment(said.stdout));
  expect(name).toBe('t-environment');
  const ours = await plainEnvironment(source);
  return { ours: ours && Object.fromEntries(ours), theirs };
}

test.each([
  ['no file', {}, [], {}],
  ['.env', { '.env': PLAIN }, [], {}],
  ['the environment over .env', { '.env': PLAIN }, [], { A: '2', PWD: '/elsewhere', MORE: 'one\ntwo' }],
  ['one named file', { '.env': 'A=no', 'a.env': PLAIN }, ['a.env'], {}],
  ['two named files', { 'a.env': PLAIN, 'b.env': 'A=2\nB=3' }, ['a.env', 'b.env'], { B: '4' }],
])('%s', async (_what, files, named, environment) => {
  const { ours, theirs } = await both(files, named, environment);
  expect(ours).toEqual(theirs);
});

test.each([
  ['quotes', 'A="x y"'],
  ['a space', 'A=x y'],
  ['a comment behind a value', 'A=x # y'],
  ['a variable', 'A=1\nB=${A}'],
  ['a variable without braces', 'A=1\nB=$A'],
  ['export', 'export A=1'],
  ['a colon', 'A: 1'],
  ['a name alone', 'A'],
  ['a name twice', 'A=1\nA=2'],
  ['spaces around', ' A = 1'],
  ['Windows lines', 'A=1\r\nB=2\r\n'],
])('%s is left to Compose', async (_what, text) => {
  expect((await both({ '.env': text }, [], { A: 'own' })).ours).toBeUndefined();
});

test('where the environment decides about env files, Compose is asked', async () => {
  expect((await both({ '.env': 'A=1' }, [], { COMPOSE_DISABLE_ENV_FILE: '1' })).ours).toBeUndefined();
});
