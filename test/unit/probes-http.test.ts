// HTTP probes: from here to a published port, and from inside.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askProbe } from '../../adapters/probes/ask.ts';
import type { ExecAnswer } from '../../schema/probe.ts';
import { closeListening, listen } from '../support/listening.ts';
import { ask, http, target } from '../support/probe-target.ts';

afterEach(closeListening);

describe('HTTP', () => {
  const web = (listener: RequestListener): Promise<number> => listen(createHttpServer(listener));

  test('the status decides, the text when it is asked for', async () => {
    const port = await web((request, response) => {
      response.statusCode = request.url === '/health' ? 200 : 503;
      response.end('{"up":true}');
    });
    expect(await ask(http(), target(port))).toMatchObject({ ok: true, level: 3, evidence: '/health says 200' });
    expect(await ask(http({ path: '/x' }), target(port))).toMatchObject({
      ok: false,
      evidence: '/x says 503: {"up":true}',
    });
    expect(await ask(http({ path: '/x', statuses: [503] }), target(port))).toMatchObject({ ok: true });
    expect(await ask(http({ statuses: [204] }), target(port))).toMatchObject({
      ok: false,
      evidence: '/health says 200: {"up":true}',
    });
    expect(await ask(http({ contains: '"up":true' }), target(port))).toMatchObject({
      ok: true,
      evidence: '/health says ""up":true"',
    });
    expect(await ask(http({ contains: 'down' }), target(port))).toMatchObject({
      ok: false,
      evidence: '/health says 200 without "down"',
    });
  });

  test('a bad answer says why as far as it is no page, and keeps nobody waiting', async () => {
    const port = await web((request, response) => {
      response.writeHead(503);
      if (request.url === '/page') return void response.end('<html>an error of 40 lines</html>');
      response.flushHeaders();
      if (request.url === '/endless') response.write(`the database is gone\n${'x'.repeat(300)}`);
    });
    expect((await ask(http({ path: '/page' }), target(port))).evidence).toBe('/page says 503');
    const endless = await ask(http({ path: '/endless' }), target(port));
    expect(endless.evidence).toMatch(/^\/endless says 503: the database is gone x+…$/);
    expect((await ask(http({ path: '/mute' }), target(port))).evidence).toBe('/mute says 503');
  });

  test('redirects are an answer and not followed', async () => {
    const port = await web((_, response) => void response.writeHead(302, { location: 'http://192.0.2.1/' }).end());
    expect(await ask(http(), target(port))).toMatchObject({ ok: true, evidence: '/health says 302' });
  });

  test('silence, refusal and hanging up are told apart', async () => {
    const silent = await listen(createServer());
    expect((await ask(http({ timeoutMs: 300 }), target(silent))).evidence).toBe('/health: no answer in 300 ms');
    const hangsUp = await listen(createServer((socket) => socket.end()));
    expect((await ask(http(), target(hangsUp))).evidence).toBe('port 8080: closed at once, nothing listens inside');
    expect((await ask(http(), target(1))).evidence).toBe('port 8080: connection refused');
  });

  test('a port that is not published is asked from inside', async () => {
    const asked: (readonly string[])[] = [];
    const exec = (output: string, exitCode: number) => (argv: readonly string[]) => {
      asked.push(argv);
      return Promise.resolve({ kind: 'exited', exitCode, output } as const);
    };
    const ok = await ask(http(), target(undefined, { exec: exec('HTTP/1.1 200 OK\r\n\r\nhi', 0) }));
    expect(ok).toMatchObject({ ok: true, evidence: '/health says 200' });
    expect(asked[0]).toContain('http://127.0.0.1:8080/health');
    const sick = await ask(http(), target(undefined, { exec: exec('  HTTP/1.0 500 Oops', 1) }));
    expect(sick).toMatchObject({ ok: false, evidence: '/health says 500' });
    const why = 'HTTP/1.1 503 Oops\r\nDate: now\r\n\r\nnot HTTP/1.1 200\n';
    const says = await ask(http(), target(undefined, { exec: exec(why, 0) }));
    expect(says).toMatchObject({ ok: false, evidence: '/health says 503: not HTTP/1.1 200' });
    const none = await ask(http(), target(undefined, { exec: exec('no curl, wget or bash in the container\n', 127) }));
    expect(none).toMatchObject({ ok: false, evidence: 'exit 127: no curl, wget or bash in the container' });
  });

  test('from inside where nothing but bash is there', async () => {
    const port = await web((request, response) => {
      response.statusCode = request.url === '/a/b?c=1' ? 200 : 503;
      response.end('the database is gone');
    });
    const tools = mkdtempSync(join(tmpdir(), 'dive-clients-'));
    for (const tool of ['bash', 'cat', 'timeout']) {
      const found = execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
      symlinkSync(found, join(tools, tool));
    }
    const exec = ([command = '', ...args]: readonly string[]): Promise<ExecAnswer> =>
      new Promise((resolve) => {
        execFile(command, args, { env: { PATH: tools } }, (error, stdout, stderr) =>
          resolve({ kind: 'exited', exitCode: Number(error?.code ?? 0), output: stderr + stdout }),
        );
      });
    try {
      const good = await ask(http({ port, path: '/a/b?c=1', contains: 'gone' }), target(undefined, { exec }));
      expect(good).toMatchObject({ ok: true, evidence: '/a/b?c=1 says "gone"' });
      const { evidence } = await ask(http({ port, path: '/' }), target(undefined, { exec }));
      expect(evidence).toBe('/ says 503: the database is gone');
    } finally {
      rmSync(tools, { recursive: true });
    }
  });

  test('giving up is not an answer', async () => {
    const silent = await listen(createServer());
    const signal = AbortSignal.timeout(20);
    await expect(askProbe(http({ timeoutMs: 5000 }), target(silent, { signal }))).rejects.toThrow('timeout');
  });

  test('a hundred at once take no longer than the slowest', async () => {
    const port = await web((_, response) => void setTimeout(() => response.end('ok'), 1000));
    const begun = Date.now();
    const all = await Promise.all(Array.from({ length: 100 }, () => ask(http({ timeoutMs: 10_000 }), target(port))));
    expect(all.every((result) => result.ok)).toBe(true);
    expect(Date.now() - begun).toBeLessThan(2000);
  });
});
