// Two Docker engines and one server: what is deployed lands on the engine that the command means, or nowhere.
import { execFileSync, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { TestProject, resultOf, until } from '../support/command.ts';
import { startSecondEngine } from '../support/second-engine.ts';
import { READY, service } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_IMAGE } from '../support/test-image.ts';

jest.setTimeout(120_000);

function containersOf(socket: string, project: string): string {
  const filter = `label=com.docker.compose.project=${project}`;
  return execFileSync('docker', ['-H', `unix://${socket}`, 'ps', '-q', '--filter', filter], { encoding: 'utf8' });
}

test('a server that works for another engine is restarted when idle, and refuses by name when at work', async () => {
  const engine = await startSecondEngine();
  await using home = await temporaryFolder();
  await using first = await TestProject.make('first-engine', service('web', { run: READY, check: 'test -f /tmp/go' }));
  await using other = await TestProject.make('other-engine', service('web', { more: ['network_mode: none'] }));
  const here = { DIVE_HOME: home.path };
  const there = { ...here, DOCKER_HOST: `unix://${engine.socket}` };
  try {
    const image = execFileSync('docker', ['save', TEST_IMAGE], { maxBuffer: 64 * 1024 * 1024 });
    spawnSync('docker', ['-H', there.DOCKER_HOST, 'load'], { input: image });
    const slow = first.beginWith(here, 'up');
    await until(
      'the first is at work',
      () => slow.output().includes('starting') || slow.output().includes('create') || undefined,
    );
    await until('its container runs', async () => (await first.containers())[0]?.state === 'running' || undefined);

    const refused = await other.beginWith(there, 'up').ended;
    expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining('DIVE-1606') });
    expect(refused.stderr).toContain(realpathSync('/var/run/docker.sock'));
    expect(refused.stderr).toContain(engine.socket);
    expect(refused.stderr).toMatch(/^ {2}now +nothing was touched$/m);

    execFileSync('docker', ['exec', first.container('web'), 'touch', '/tmp/go']);
    expect((await slow.ended).code).toBe(0);
    const up = await other.beginWith(there, 'up', '--json').ended;
    expect(resultOf(up)).toMatchObject({ exitCode: 0, outcome: 'up' });
    expect(containersOf(engine.socket, other.name)).not.toBe('');
    expect(await other.containers()).toEqual([]);

    // Back again by itself: the command without DOCKER_HOST means the first engine.
    expect((await first.beginWith(here, 'down').ended).code).toBe(0);
    expect(await first.containers()).toEqual([]);
  } finally {
    await other.beginWith(here, 'server', 'stop').ended;
    await engine.stop();
  }
});
