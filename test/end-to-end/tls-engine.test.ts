// An engine behind TLS, named by the environment or by a context of docker: the command and the worker reach it alike.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TestProject, resultOf } from '../support/command.ts';
import { closeListening } from '../support/listening.ts';
import { IS_READY, service } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTlsEngine } from '../support/tls-engine.ts';

jest.setTimeout(120_000);

test('it is reached with the certificates that docker itself would use, and refused without', async () => {
  await using home = await temporaryFolder();
  await using certificates = await temporaryFolder();
  await using project = await TestProject.make('tls', service('web', { check: IS_READY }));
  const host = await startTlsEngine(certificates.path);
  const config = join(certificates.path, 'docker');
  mkdirSync(config);
  const base = { DIVE_HOME: home.path, DOCKER_CONFIG: config };
  const named = { ...base, DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates.path };
  const at = (name: string): string => join(certificates.path, name);
  const keys = `ca=${at('ca.pem')},cert=${at('cert.pem')},key=${at('key.pem')}`;
  const create = ['context', 'create', 'far', '--docker', `host=${host},${keys}`];
  execFileSync('docker', create, { env: { ...process.env, DOCKER_CONFIG: config }, stdio: 'pipe' });
  const context = { ...base, DOCKER_CONTEXT: 'far' };
  try {
    const bare = await project.beginWith({ ...base, DOCKER_HOST: host }, 'plan').ended;
    expect(bare).toMatchObject({ code: 6, stderr: expect.stringContaining('DIVE-1601') });

    expect(resultOf(await project.beginWith(named, 'up', '--json').ended)).toMatchObject({ exitCode: 0 });
    expect(await project.containers()).toMatchObject([{ state: 'running' }]);
    for (const how of [named, context]) {
      expect(await project.beginWith(how, 'plan').ended).toMatchObject({ code: 0 });
      const status = await project.beginWith(how, 'status').ended;
      expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ {2}web +core +healthy/m) });
    }
    expect((await project.beginWith(context, 'server', 'stop').ended).code).toBe(0);
    expect((await project.beginWith(context, 'down').ended).code).toBe(0);
    expect(await project.containers()).toEqual([]);
  } finally {
    await project.beginWith(context, 'server', 'stop').ended;
    await closeListening();
  }
});
