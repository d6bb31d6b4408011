// The machine's engine behind TLS on a loopback port, as one on another machine is reached: who has no certificate of
// its authority is not let in.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { listen } from './listening.ts';

/**
 * Writes `ca.pem`, `cert.pem` and `key.pem`, those of a client, into `folder`, and gives the address. Needs openssl;
 * ends with `closeListening`.
 */
export async function startTlsEngine(folder: string, socket = '/var/run/docker.sock'): Promise<string> {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  openssl('req', '-x509', ...key, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-subj', '/CN=test authority');
  const signed = (name: string, keyFile: string, extensions: string): void => {
    writeFileSync(at('extensions'), extensions);
    openssl('req', ...key.slice(0, 5), '-keyout', keyFile, '-out', 'request', '-subj', `/CN=${name}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '1', '-extfile', 'extensions'];
    openssl('x509', '-req', '-in', 'request', ...by, '-out', name === 'client' ? 'cert.pem' : 'server.pem');
  };
  signed('server', 'server-key.pem', 'subjectAltName=IP:127.0.0.1');
  signed('client', 'key.pem', 'extendedKeyUsage=clientAuth');
  const keys = { key: readFileSync(at('server-key.pem')), cert: readFileSync(at('server.pem')) };
  const server = createServer(
    { ...keys, ca: readFileSync(at('ca.pem')), requestCert: true, allowHalfOpen: true },
    (client) => {
      const engine = connect({ path: socket, allowHalfOpen: true });
      client.pipe(engine).pipe(client);
      for (const [one, other] of [[client, engine] as const, [engine, client] as const])
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
    },
  );
  return `tcp://127.0.0.1:${await listen(server)}`;
}
