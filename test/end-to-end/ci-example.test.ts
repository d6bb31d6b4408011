// The script of docs/examples, run as a pipeline would.
import path from 'node:path';
import { type Ran, TestProject, asRecord, runProgram, testServer } from '../support/command.ts';
import { service } from '../support/services.ts';

jest.setTimeout(90_000);

const ROOT = path.resolve(__dirname, '..', '..');

function deploy(instance: string): Promise<Ran> {
  const { temporalAddress, temporalNamespace } = testServer();
  return runProgram(
    process.execPath,
    ['--require', './scripts/register-swc.cjs', 'docs/examples/ci-deploy.ts', instance],
    ROOT,
    { ...process.env, TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: temporalNamespace },
  );
}

test('a pipeline deploys with the client library and gets the exit codes of dive', async () => {
  await using project = await TestProject.make('ci', service('web'));
  expect((await project.dive('up')).code).toBe(0);
  await project.compose('down');
  const deployed = await deploy(project.instance);
  expect({ code: deployed.code, ...asRecord(deployed.stdout) }).toMatchObject({
    code: 0,
    kind: 'done',
    result: { outcome: 'up', changed: ['web'] },
  });
  expect((await project.containers()).map((c) => c.state)).toEqual(['running']);
  expect((await deploy('T-NOBODY-KNOWS')).code).toBe(7);
});
