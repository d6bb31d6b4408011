import { startTlsProxy } from './tls-proxy.ts';

/**
 * The machine's engine behind TLS: who has no certificate of its authority is not let in. Writes the client's keys into
 * `folder`, as `startTlsProxy`, and gives the address.
 */
export async function startTlsEngine(folder: string, socket = '/var/run/docker.sock'): Promise<string> {
  return `tcp://127.0.0.1:${await startTlsProxy(folder, { path: socket }, { requestCert: true })}`;
}
