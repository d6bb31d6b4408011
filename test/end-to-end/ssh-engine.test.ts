// An engine over ssh: the ssh of this machine is run as docker runs it. Here a stand-in for it leads to the machine's own
// engine; ssh itself is not ours to test.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestProject, docker, resultOf } from '../support/command.ts';
import { IS_READY, service } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_IMAGE } from '../support/test-image.ts';

jest.setTimeout(120_000);

const BUILT = 't-ssh-built:1';

// Compose puts its own options between the port and the host. Without the user's agent it lets nobody in.
const SSH = `#!/bin/sh
[ "$SSH_AUTH_SOCK" = /the/agent ] || { echo "Permission denied (publickey)." >&2; exit 255; }
case "$*" in
  *"-l me -p 2200 -- far docker system dial-stdio" | "-l me -p 2200 "*" -- far docker system dial-stdio")
    exec docker -H unix:///var/run/docker.sock system dial-stdio ;;
esac
echo "Warning: nothing to worry about" >&2
echo "ssh: Could not resolve hostname" >&2
exit 255
`;

test('what docker reaches over ssh, dive reaches; what ssh says when it fails is said', async () => {
  await using home = await temporaryFolder();
  await using programs = await temporaryFolder();
  const more = ['build: .', 'configs: [{ source: said, target: /said }]'];
  await using project = await TestProject.make(
    'ssh',
    service('web', { run: 'cat /said; echo; touch /tmp/ready; exec sleep 3600', check: IS_READY, image: BUILT, more }),
    'configs: { said: { content: "from far away" } }',
  );
  await project.file('Dockerfile', `FROM ${TEST_IMAGE}\nRUN touch /built\n`);
  const ssh = join(programs.path, 'ssh');
  writeFileSync(ssh, SSH);
  chmodSync(ssh, 0o755);
  const base = { DIVE_HOME: home.path, SSH_AUTH_SOCK: '/the/agent', PATH: `${programs.path}:${process.env.PATH}` };
  const far = { ...base, DOCKER_HOST: 'ssh://me@far:2200' };
  try {
    const nowhere = await project.beginWith({ ...base, DOCKER_HOST: 'ssh://me@nowhere' }, 'plan').ended;
    expect(nowhere.code).toBe(6);
    expect(nowhere.stderr).toContain('ssh://me@nowhere does not answer: ssh: Could not resolve hostname   DIVE-1601');

    expect(resultOf(await project.beginWith(far, 'up', '--json').ended)).toMatchObject({ exitCode: 0, outcome: 'up' });
    expect(await project.containers()).toMatchObject([{ state: 'running' }]);
    expect((await project.beginWith(far, 'plan').ended).code).toBe(0);
    const status = await project.beginWith(far, 'status').ended;
    expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ {2}web +core +healthy/m) });
    expect(await project.beginWith(far, 'logs').ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('from far away'),
    });
    expect((await project.beginWith(far, 'down').ended).code).toBe(0);
    expect(await project.containers()).toEqual([]);
  } finally {
    await docker('image', 'rm', '-f', BUILT).catch(() => undefined);
    await project.beginWith(far, 'server', 'stop').ended;
  }
});
