// `dive demo`: each step said before it is done, the way back shown, and nothing left over, also after Ctrl-C.
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { asRecord, docker, TestProject, until, type Running } from '../support/command.ts';
import { startSecondEngine } from '../support/second-engine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(180_000);

async function there(): Promise<Record<string, string[]>> {
  const named = ['--filter', 'name=dive-demo-'];
  return {
    containers: await docker('ps', '-aq', ...named),
    networks: await docker('network', 'ls', '-q', ...named),
    volumes: await docker('volume', 'ls', '-q', ...named),
    images: (await docker('images', '--format', '{{.Repository}}:{{.Tag}}')).filter((i) =>
      /busybox:1\.36|demo/.test(i),
    ),
    folders: readdirSync(tmpdir()).filter((name) => name.startsWith('dive-demo-')),
  };
}

test('raises, breaks, comes back with the very same containers, and leaves nothing', async () => {
  await using project = await TestProject.make('demo', '');
  await using home = await temporaryFolder();
  const before = await there();
  const variables = { DIVE_HOME: home.path, COMPOSE_PROJECT_NAME: 'mine', COMPOSE_FILE: 'nowhere.yaml' };
  const begin = (...args: string[]): Running => project.beginWith(variables, 'demo', ...args);
  const shown = await begin().ended;
  expect({ code: shown.code, said: shown.code === 0 ? '' : shown.stderr }).toEqual({ code: 0, said: '' });
  const story = [
    /\[1\/5\] makes a project of two services/,
    /\[2\/5\] raises it/,
    /web +healthy/,
    /\[3\/5\] breaks it on purpose/,
    /web: exits as soon as it starts: exit 3 +DIVE-1202/,
    /cannot read its settings/,
    /as before: compared with what ran before, equal/,
    /\[4\/5\] compares/,
    /the very same two containers, both running/,
    /\[5\/5\] removes all of it/,
    // It was started for this alone.
    /stops the server, which was started for this alone/,
  ];
  const places = story.map((line) => shown.stderr.search(line));
  expect({ places, said: places.includes(-1) ? shown.stderr : '' }).toEqual({
    places: places.toSorted((a, b) => a - b).map((place) => Math.max(0, place)),
    said: '',
  });
  expect(await there()).toEqual(before);

  // Interrupted while it is raised and while it is broken; once with a server of somebody else's.
  expect((await project.beginWith(variables, 'server', 'start').ended).code).toBe(0);
  try {
    for (const moment of [/cache +create/, /\[3\/5\]/]) {
      const demo = begin();
      await until(String(moment), () => moment.test(demo.output()) || undefined, 60_000);
      demo.child.kill('SIGINT');
      const ended = await demo.ended;
      expect({ code: ended.code, said: ended.code === 5 ? '' : ended.stderr }).toEqual({ code: 5, said: '' });
      expect(ended.stdout).toContain('nothing of it is left');
      expect(await there()).toEqual(before);
    }
    const status = await project.beginWith(variables, 'server', 'status').ended;
    expect(status.stdout).toMatch(/server ready/);
    const instances = await project.beginWith(variables, 'history', 'nobody').ended;
    expect(instances.stderr).toContain('none was ever raised here');
  } finally {
    await project.beginWith(variables, 'server', 'stop').ended;
  }
});

test('on an engine without any image it makes one of the machine’s busybox, and takes that away, too', async () => {
  const engine = await startSecondEngine();
  await using home = await temporaryFolder();
  await using project = await TestProject.make('demo-bare', '');
  const variables = { DIVE_HOME: home.path, DOCKER_HOST: `unix://${engine.socket}` };
  try {
    const shown = await project.beginWith(variables, 'demo', '--json').ended;
    const lines = shown.stdout.trim().split('\n').map(asRecord);
    expect({ code: shown.code, said: shown.code === 0 ? '' : shown.stdout }).toEqual({ code: 0, said: '' });
    expect(lines.filter((l) => l['type'] === 'step').map((l) => l['step'])).toEqual([1, 2, 3, 4, 5]);
    expect(shown.stdout).toContain('dive-demo/busybox:1, made of /bin/busybox');
    expect(lines.at(-1)).toEqual({ type: 'result', version: 1, outcome: 'shown', exitCode: 0 });
    const left = [
      ['images', '-aq'],
      ['ps', '-aq'],
      ['volume', 'ls', '-q'],
    ];
    for (const what of left) expect(await docker('-H', variables.DOCKER_HOST, ...what)).toEqual([]);
  } finally {
    await project.beginWith(variables, 'server', 'stop').ended;
    await engine.stop();
  }
});
