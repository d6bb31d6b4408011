// `npm start` as a program.
import { resolve } from 'node:path';
import { runProgram } from '../support/command.ts';

test('an option that does not exist is refused before anything is done', async () => {
  const ran = await runProgram(
    process.execPath,
    ['scripts/start.cjs', '--images', 'mine'],
    resolve(__dirname, '..', '..'),
  );
  expect(ran).toMatchObject({ code: 7, stdout: '', stderr: 'npm start: --images takes official or local, not mine\n' });
});
