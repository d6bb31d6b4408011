// Level 4 for Redis and Valkey: it really writes and reads. The key is its own, and expires should its removal fail.
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { type Functional, imageName } from './functional.ts';
import { duration, evidence, execEvidence, lastLine } from './evidence.ts';
import { type Outside, isSet } from './outside.ts';
import type { Environment } from './probe.ts';

/** The password is read where the container has it and never stands on a command line. A replica cannot write. */
const SCRIPT = `
cli=redis-cli; command -v "$cli" >/dev/null 2>&1 || cli=valkey-cli
export REDISCLI_AUTH="\${REDISCLI_AUTH:-\${REDIS_PASSWORD:-\${VALKEY_PASSWORD:-}}}"
[ -n "$REDISCLI_AUTH" ] || unset REDISCLI_AUTH
if "$cli" -e role 2>/dev/null | grep -q '^slave'; then echo replica; exit 0; fi
key="dive:probe:$$"
"$cli" -e set "$key" 42 ex 10 >/dev/null || { "$cli" -e set "$key" 42 ex 10; exit 1; }
"$cli" -e get "$key" || exit 1
"$cli" -e del "$key" >/dev/null
`;

export const REDIS_ARGV: readonly string[] = ['/bin/sh', '-c', SCRIPT];

const DID = 'wrote and read a key';

const outside: Outside<object> = {
  did: DID,
  port: () => 6379,
  works: (address, environment, _options, signal) => {
    const key = `dive:probe:${randomUUID()}`;
    const password = passwordIn(environment);
    const asked = [
      ...(password === undefined ? [] : [['AUTH', password]]),
      ['SET', key, '42', 'EX', '10'],
      ['GET', key],
      ['DEL', key],
    ];
    const wanted = `${password === undefined ? '' : '+OK\r\n'}+OK\r\n$2\r\n42\r\n:1\r\n`;
    return new Promise((resolve, reject) => {
      let said = '';
      const socket = connect({ ...address, signal });
      socket.once('error', reject).once('close', () => resolve(said === wanted));
      socket.setEncoding('latin1').on('data', (text: string) => {
        said += text;
        if (said.length >= wanted.length || !wanted.startsWith(said)) socket.destroy();
      });
      socket.write(asked.map(inRedisProtocol).join(''));
    });
  },
};

function passwordIn(environment: Environment): string | undefined {
  return [environment['REDISCLI_AUTH'], environment['REDIS_PASSWORD'], environment['VALKEY_PASSWORD']].find(isSet);
}

/** A command as an array of strings with their lengths in bytes. */
function inRedisProtocol(words: readonly string[]): string {
  return [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]), ''].join('\r\n');
}

export const redis: Functional<object> = {
  timeoutMs: 5000,
  description: () => 'writes and reads a key, removed again',
  isImage: (reference) => ['redis', 'valkey'].includes(imageName(reference)),
  programs: ['redis-server', 'valkey-server'],
  outside,
  ask: async (_options, timeoutMs, target) => {
    const begun = performance.now();
    const answer = await target.exec(REDIS_ARGV, { timeoutMs });
    const took = duration(performance.now() - begun);
    if (answer.kind !== 'exited' || answer.exitCode !== 0) {
      return { level: 4, ok: false, evidence: execEvidence(answer, timeoutMs) };
    }
    const said = lastLine(answer.output);
    if (said === '42') return { level: 4, ok: true, evidence: `${DID} in ${took}` };
    if (said === 'replica') return { level: 3, ok: true, evidence: `a replica, answers in ${took}` };
    return { level: 4, ok: false, evidence: evidence(`wrote 42, read "${said}"`) };
  },
};
