// Something on this machine behind TLS on a loopback port, as it would be reached on another machine.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { type NetConnectOpts, connect } from 'node:net';
import { join } from 'node:path';
import { type TlsOptions, createServer } from 'node:tls';
import { listen } from './listening.ts';

/**
 * Writes `ca.pem`, `cert.pem` and `key.pem`, those of a client, into `folder`, and gives the port. Needs openssl; ends
 * with `closeListening`.
 */
export async function startTlsProxy(folder: string, target: NetConnectOpts, options: TlsOptions): Promise<number> {
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
  signed('server', 'server-key.pem', 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  signed('client', 'key.pem', 'extendedKeyUsage=clientAuth');
  const keys = { key: readFileSync(at('server-key.pem')), cert: readFileSync(at('server.pem')) };
  const server = createServer(
    { ...keys, ca: readFileSync(at('ca.pem')), ...options, allowHalfOpen: true },
    (client) => {
      const behind = connect({ ...target, allowHalfOpen: true });
      client.pipe(behind).pipe(client);
      for (const [one, other] of [[client, behind] as const, [behind, client] as const])
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
    },
  );
  return listen(server);
}
