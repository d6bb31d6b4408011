// A site other than local: a second worker on its own task queue, here on the same engine.
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Plan } from '../../schema/plan.ts';
import { TestProject, resultOf, temporal, testServer } from '../support/command.ts';
import { IS_READY, READY, service } from '../support/services.ts';

jest.setTimeout(90_000);

const WORKER = path.resolve(__dirname, '..', '..', 'dist', 'worker', 'main.js');

/** A worker of site `lyon`; ends when its channel closes. */
async function startWorker(): Promise<ChildProcess> {
  const { temporalAddress, temporalNamespace, databaseUrl, keyFile } = testServer();
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: temporalNamespace,
    DIVE_DATABASE_URL: databaseUrl,
    DIVE_KEY_FILE: keyFile,
    DIVE_SITE: 'lyon',
  };
  const child = spawn(process.execPath, [WORKER], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`the worker ended: ${code}`)));
  });
  return child;
}

async function end(worker: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.disconnect();
  await ended;
}

test('a spoke of another site is planned and raised by the worker of that site; without one that is said', async () => {
  await using project = await TestProject.make('lyon', service('db', { run: READY, check: IS_READY }));
  const spoke = `{ code: ${project.instance}, compose: compose.yaml, site: lyon }`;
  const topology = path.join(project.path, 'dive.yaml');
  const text = `version: 1\nspokes: [${spoke}]\nsites: { lyon: {} }\n`;
  await writeFile(topology, text);
  const nobody = await project.dive('plan');
  expect({ code: nobody.code, stderr: nobody.stderr }).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('DIVE-1604'),
  });

  const worker = await startWorker();
  try {
    const planned = await project.dive('plan', '--json');
    const plan = Plan.parse(JSON.parse(planned.stdout));
    expect(planned.code).toBe(2);
    expect(plan.operations.map((o) => o.op)).toEqual(['network', 'create']);
    expect(await project.containers()).toEqual([]);
    expect((await project.dive('plan')).stdout).toMatch(/[1-9]\d* reading calls, 0 changing ones/);

    const up = await project.dive('up', '--plan', plan.planId, '--json');
    expect(resultOf(up)).toMatchObject({ exitCode: 0, outcome: 'up', release: 1 });
    expect((await project.containers()).map((c) => c.state)).toEqual(['running']);
    const described = await temporal('workflow', 'describe', '-w', `instance/${project.instance}`, '--output', 'json');
    expect(described.stdout).toContain('deploySpoke');
    expect((await project.dive('plan')).code).toBe(0);
    await writeFile(topology, text.replace(project.instance, `${project.instance}-B`));
    const held = await project.dive('plan');
    expect([held.code, held.stderr]).toEqual([7, expect.stringContaining(`is deployed as ${project.instance} from`)]);
    await writeFile(topology, text);
    const status = await project.dive('status');
    expect(status.code).toBe(6);
    expect(status.stdout).toContain('its services were not asked: site lyon');
    expect((await project.dive('down')).code).toBe(0);
    expect(await project.containers()).toEqual([]);
  } finally {
    await end(worker);
  }
});
