import path from 'node:path';
import { findComposeFiles, type FindRequest } from '../../adapters/compose/find-files.ts';
import type { ComposeSource } from '../../schema/spec.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function find(request: Omit<FindRequest, 'environment'> & Partial<FindRequest>): Promise<ComposeSource> {
  const result = await findComposeFiles({ environment: {}, ...request });
  if (result.kind !== 'found') throw new Error(result.finding.message);
  return result.source;
}

it('takes compose.yaml before the older names, with its override', async () => {
  await using folder = await temporaryFolder({
    'compose.yaml': '',
    'docker-compose.yml': '',
    'compose.override.yaml': '',
  });
  const source = await find({ folder: folder.path });
  expect(source.files.map((file) => path.basename(file))).toEqual(['compose.yaml', 'compose.override.yaml']);
  expect(source.workingDir).toBe(folder.path);
});

it('looks in the folders above', async () => {
  await using folder = await temporaryFolder({ 'docker-compose.yml': '', 'a/b/other.txt': '' });
  const source = await find({ folder: path.join(folder.path, 'a/b') });
  expect(source).toMatchObject({ workingDir: folder.path, files: [path.join(folder.path, 'docker-compose.yml')] });
});

it('reads COMPOSE_FILE, COMPOSE_PROFILES and COMPOSE_PROJECT_NAME from .env; the environment wins', async () => {
  await using folder = await temporaryFolder({
    'one.yaml': '',
    'two.yaml': '',
    'compose.yaml': '',
    '.env':
      '# settings\nexport COMPOSE_FILE="one.yaml:two.yaml"\nCOMPOSE_PROFILES=debug,extra # two\nCOMPOSE_PROJECT_NAME=filed\n',
  });
  const source = await find({ folder: folder.path, environment: { COMPOSE_PROJECT_NAME: 'shell' } });
  expect(source.files.map((file) => path.basename(file))).toEqual(['one.yaml', 'two.yaml']);
  expect(source).toMatchObject({ profiles: ['debug', 'extra'], projectName: 'shell' });
});

it('arguments win over everything', async () => {
  await using folder = await temporaryFolder({ 'x/my.yaml': '', 'my.env': 'COMPOSE_PROFILES=a', 'compose.yaml': '' });
  const source = await find({
    folder: folder.path,
    files: ['x/my.yaml'],
    envFiles: ['my.env'],
    profiles: ['b'],
    projectName: 'named',
    environment: { COMPOSE_FILE: 'compose.yaml' },
  });
  expect(source).toEqual({
    workingDir: path.join(folder.path, 'x'),
    files: [path.join(folder.path, 'x/my.yaml')],
    envFiles: [path.join(folder.path, 'my.env')],
    profiles: ['b'],
    projectName: 'named',
    environment: { COMPOSE_FILE: 'compose.yaml' },
  });
});

it.each([
  [{ files: ['gone.yaml'] }, 'DIVE-1102', 'gone.yaml'],
  [{ envFiles: ['gone.env'] }, 'DIVE-1107', 'gone.env'],
])('what is named must exist: %j', async (more, code, file) => {
  await using folder = await temporaryFolder({ 'compose.yaml': '' });
  const result = await findComposeFiles({ folder: folder.path, environment: {}, ...more });
  expect(result).toMatchObject({ kind: 'missing', finding: { code, file: path.join(folder.path, file) } });
});

it('a folder named like a Compose file is none', async () => {
  await using folder = await temporaryFolder({ 'compose.yaml/x': '', 'compose.yml': '' });
  expect((await find({ folder: folder.path })).files).toEqual([path.join(folder.path, 'compose.yml')]);
});
