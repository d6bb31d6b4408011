import { utimesSync } from 'node:fs';
import path from 'node:path';
import { keepComposeVersion, knownComposeVersion } from '../../server/compose-version.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('the version is known again for the very same program, and for no other', async () => {
  await using folder = await temporaryFolder({ 'docker-compose': 'one', other: 'two' });
  const where = { home: folder.path };
  const command = [path.join(folder.path, 'docker-compose')];
  expect(knownComposeVersion(where, command)).toBeUndefined();
  keepComposeVersion(where, command, '2.40.3');
  expect(knownComposeVersion(where, command)).toBe('2.40.3');
  expect(knownComposeVersion(where, [path.join(folder.path, 'other')])).toBeUndefined();
  utimesSync(command[0] ?? '', 1, 1);
  expect(knownComposeVersion(where, command)).toBeUndefined();
});

test.each([[['docker', 'compose']], [['docker-compose']], [['/nowhere/docker-compose', '--flag']]])(
  'of %j nothing is kept: which program answers is not known',
  async (command) => {
    await using folder = await temporaryFolder();
    keepComposeVersion({ home: folder.path }, command, '2.40.3');
    expect(knownComposeVersion({ home: folder.path }, command)).toBeUndefined();
  },
);

test('without a home nothing is made', () => {
  expect(() => keepComposeVersion({ home: '/nowhere' }, [process.execPath], '2.40.3')).not.toThrow();
});
