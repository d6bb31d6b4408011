// The environment names an authority that Node.js does not know: what `./dive` reaches behind its certificates.
import path from 'node:path';
import { runProgram } from '../support/command.ts';
import { closeListening } from '../support/listening.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTlsProxy } from '../support/tls-proxy.ts';

jest.setTimeout(60_000);

const DIVE = path.resolve(__dirname, '..', '..', 'dive');

afterEach(closeListening);

test('a Temporal behind TLS is reached with NODE_EXTRA_CA_CERTS, and not without', async () => {
  await using home = await temporaryFolder();
  await using certificates = await temporaryFolder();
  const [host = '', port] = (process.env.DIVE_TEST_TEMPORAL_ADDRESS ?? '').split(':');
  const proxy = await startTlsProxy(certificates.path, { host, port: Number(port) }, { ALPNProtocols: ['h2'] });
  // gRPC would read these instead of what Node.js trusts.
  const { NODE_EXTRA_CA_CERTS: _node, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: _grpc, ...rest } = process.env;
  const temporal = { TEMPORAL_ADDRESS: `localhost:${proxy}`, TEMPORAL_TLS: 'true' };
  // Nobody listens there: it is asked once Temporal has answered.
  const env = { ...rest, ...temporal, DIVE_HOME: home.path, DIVE_DATABASE_URL: 'postgres://dive@127.0.0.1:9/dive' };
  const history = async (more: NodeJS.ProcessEnv): Promise<string> =>
    (await runProgram(DIVE, ['history'], home.path, { ...env, ...more })).stderr;
  expect(await history({})).toMatch(/Temporal at localhost:\d+ does not answer +DIVE-1603/);
  expect(await history({ NODE_EXTRA_CA_CERTS: path.join(certificates.path, 'ca.pem') })).toMatch(
    /^x PostgreSQL at 127\.0\.0\.1:9 does not answer.+DIVE-1602/,
  );
  // What Node.js trusts without them, here by its flag, stays trusted beside them.
  const store = { NODE_OPTIONS: '--use-openssl-ca', SSL_CERT_FILE: path.join(certificates.path, 'ca.pem') };
  const others = { NODE_EXTRA_CA_CERTS: path.join(certificates.path, 'cert.pem') };
  expect(await history({ ...store, ...others })).toContain('DIVE-1602');
});
