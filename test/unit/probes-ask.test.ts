import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { evidence } from '../../adapters/probes/evidence.ts';
import { functionalProbe } from '../../adapters/probes/functional-kinds.ts';
import type { Exec, Probe } from '../../adapters/probes/probe.ts';
import type { ExecAnswer, ProbeResult } from '../../schema/probe.ts';
import { closeListening, listen } from '../support/listening.ts';
import { ask, container, http, target } from '../support/probe-target.ts';

afterEach(closeListening);

describe('TCP', () => {
  const tcp: Probe = { kind: 'tcp', level: 2, timeoutMs: 500, description: '', port: 8080 };

  test('listening, refusing and hanging up like Docker’s proxy are told apart', async () => {
    const quiet = await listen(createServer());
    expect(await ask(tcp, target(quiet))).toMatchObject({ ok: true, level: 2, evidence: 'port 8080 accepts' });
    const banner = await listen(createServer((socket) => socket.end('220 hello\r\n')));
    expect(await ask(tcp, target(banner))).toMatchObject({ ok: true });
    const proxy = await listen(createServer((socket) => socket.end()));
    expect(await ask(tcp, target(proxy))).toMatchObject({ ok: false, evidence: 'port 8080 closes at once' });
    expect(await ask(tcp, target(1))).toMatchObject({ ok: false, evidence: 'port 8080 refuses' });
  });

  test('on another machine nothing here is asked in its place: the kernel there says who listens', async () => {
    const here = await listen(createServer());
    const list = (state: string): string =>
      `  sl  local_address rem_address   st\n   0: 00000000:1F90 00000000:0000 ${state} 00000000:00000000\n`;
    const inside = (output: string, exitCode: number): Promise<ProbeResult> => {
      const exec: Exec = () => Promise.resolve({ kind: 'exited', exitCode, output });
      return ask(tcp, target(here, { container: container(here, { elsewhere: true }), exec }));
    };
    const noIpv6 = "cat: can't open '/proc/net/tcp6': No such file or directory\n";
    const yes = await inside(list('0A') + noIpv6, 1);
    expect(yes).toMatchObject({ ok: true, level: 2, evidence: 'port 8080: something listens inside' });
    const no = await inside(list('01'), 0);
    expect(no).toMatchObject({ ok: false, evidence: 'port 8080: nothing listens inside' });
    const unable = await inside('sh: cat: not found\n', 127);
    expect(unable).toMatchObject({ ok: false, evidence: 'exit 127: sh: cat: not found' });
    const published = {
      kind: 'running',
      level: 2,
      timeoutMs: 500,
      description: '',
      ports: [8080],
      settleMs: 0,
    } as const;
    const runs = await ask(published, target(here, { container: container(here, { elsewhere: true }) }));
    expect(runs).toMatchObject({
      ok: true,
      level: 1,
      evidence: 'running, no check, port 8080 is not reached from here',
    });
  });
});

describe('the own check', () => {
  const own: Probe = { kind: 'exec', level: 2, timeoutMs: 3000, description: '', argv: ['check'], ownCheck: true };

  test.each([
    [{ kind: 'exited', exitCode: 0, output: '' }, true, 'its check passes'],
    [{ kind: 'exited', exitCode: 0, output: 'accepting connections\n' }, true, 'accepting connections'],
    [{ kind: 'exited', exitCode: 1, output: 'trying\nconnection refused\n' }, false, 'exit 1: connection refused'],
    [
      { kind: 'exited', exitCode: 2, output: 'psql: error: refused\nIs it running?\n' },
      false,
      'exit 2: psql: error: refused',
    ],
    [{ kind: 'timed-out', output: '' }, false, 'no answer in 3 s'],
    [{ kind: 'paused' }, false, 'the container is paused'],
    [{ kind: 'not-running' }, false, 'the container does not run'],
    [{ kind: 'gone' }, false, 'the container is gone'],
  ] as const)('%j is %s', async (answer, ok, text) => {
    const result = await ask(own, target(undefined, { exec: () => Promise.resolve(answer) }));
    expect(result).toMatchObject({ level: 2, ok, evidence: text });
  });

  test('the cheaper question goes first; the command confirms, and is asked by itself now and then', async () => {
    let commands = 0;
    const exec = (): Promise<ExecAnswer> => {
      commands += 1;
      return Promise.resolve({ kind: 'exited', exitCode: 0, output: '' });
    };
    const probe: Probe = { ...own, cheaper: { port: 8080, path: '/', statuses: [] } };
    const refused = await ask(probe, target(1, { exec }));
    expect([refused.ok, commands]).toEqual([false, 0]);
    const port = await listen(createHttpServer((_, response) => void response.end()));
    expect([(await ask(probe, target(port, { exec }))).ok, commands]).toEqual([true, 1]);
    expect([(await ask(probe, target(1, { exec, attempt: 4 }))).ok, commands]).toEqual([true, 2]);
  });
});

describe('without a check', () => {
  const settle: Probe = { kind: 'running', level: 1, timeoutMs: 300, description: '', ports: [], settleMs: 2000 };

  test('it has to run for the settle time since its last start', async () => {
    expect(await ask(settle, target(undefined, { nowMs: 2500 }))).toMatchObject({
      ok: false,
      evidence: 'runs for 1.5 s of 2 s',
      provenInMs: 500,
    });
    expect(await ask(settle, target(undefined, { nowMs: 3000 }))).toMatchObject({
      ok: true,
      evidence: 'running, no check',
    });
    const restarted = { ...target(undefined, { nowMs: 3000 }), container: container(undefined, { startedAtMs: 2900 }) };
    expect((await ask(settle, restarted)).ok).toBe(false);
  });

  test('who is idle is through sooner, and it is told after how long; what its file asks for stays', async () => {
    const idle = target(undefined, { nowMs: 2030, idle: true });
    const asked = { ...settle, idleMs: 1000 };
    expect(await ask(asked, idle)).toMatchObject({ ok: true, level: 1, evidence: 'running, idle after 1 s, no check' });
    expect((await ask(settle, idle)).ok).toBe(false);
  });

  test('a port that answers is enough at once; a silent one says so and proves less', async () => {
    const ports: Probe = { ...settle, level: 2, ports: [8080], settleMs: 10_000 };
    const port = await listen(createServer());
    expect(await ask(ports, target(port))).toMatchObject({
      ok: true,
      level: 2,
      evidence: 'port 8080 accepts, no check',
    });
    expect(await ask(ports, target(1, { nowMs: 4000 }))).toMatchObject({ ok: false, level: 1 });
    expect(await ask(ports, target(1, { nowMs: 11_000 }))).toMatchObject({
      ok: true,
      level: 1,
      evidence: 'running, no check, port 8080 refuses',
    });
  });

  test.each(['created', 'exited', 'restarting', 'paused', 'dead'])('%s is no answer to any probe', async (state) => {
    const to = { ...target(undefined), container: container(undefined, { state }) };
    for (const probe of [settle, http()]) {
      expect(await ask(probe, to)).toMatchObject({ ok: false, level: 1, evidence: `the container is ${state}` });
    }
  });
});

describe('PostgreSQL', () => {
  const postgres = functionalProbe('postgres', {});

  test.each([
    [0, '42\n', true, 4, /^wrote and read a row in \d+/],
    [0, 'standby\n', true, 3, /standby/],
    [0, '41\n', false, 4, /read "41"/],
    [
      2,
      'psql: error: FATAL:  password authentication failed for user "x"\n',
      false,
      4,
      /^exit 2: .*password authentication/,
    ],
    [127, 'sh: psql: not found\n', false, 4, /psql: not found/],
  ])('exit %i with %j', async (exitCode, output, ok, level, text) => {
    const exec = (): Promise<ExecAnswer> => Promise.resolve({ kind: 'exited', exitCode, output });
    const result = await ask(postgres, target(undefined, { exec }));
    expect(result).toMatchObject({ ok, level, evidence: expect.stringMatching(text) });
  });
});

test('evidence is one line of at most 120 characters', () => {
  expect(evidence('a\n\tb\u001b c')).toBe('a b c');
  expect(evidence('x'.repeat(500))).toHaveLength(120);
});
