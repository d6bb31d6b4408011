// Certificates that the environment adds to those of Node.js, read with the first TLS connection. Node.js itself reads
// them at every start, which takes as long as the rest of it; `./dive` hands their file over under a name of ours.
import { readFileSync } from 'node:fs';

const OWN_NAME = 'DIVE_NODE_EXTRA_CA_CERTS';

/** Gives the variable its own name again, for what this process starts; the file that is to be trusted, if any. */
export function takeExtraCertificates(env: NodeJS.ProcessEnv): string | undefined {
  const file = env[OWN_NAME];
  if (file === undefined) return undefined;
  env['NODE_EXTRA_CA_CERTS'] = file;
  delete env[OWN_NAME];
  return file;
}

/** From now on TLS trusts them as well, except where a connection names its own authorities: as Node.js does. */
export function trustExtraCertificates(file: string): void {
  const tls = process.getBuiltinModule('node:tls');
  const { createSecureContext } = tls;
  let all: string[] | undefined;
  tls.createSecureContext = (options = {}) => {
    if (options.ca !== undefined) return createSecureContext(options);
    all ??= [...tls.rootCertificates, readFileSync(file, 'utf8')];
    return createSecureContext({ ...options, ca: all });
  };
}
