// Certificates that the environment adds to those of Node.js. It reads them at every start, whether it speaks TLS or
// not; `./dive` hands their file over under a name of ours, and they are read with the first TLS connection.
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

/**
 * From now on TLS trusts them beside whatever else this Node.js trusts, except where a connection names its own
 * authorities: as Node.js does.
 */
export function trustExtraCertificates(file: string): void {
  const tls = process.getBuiltinModule('node:tls');
  const { createSecureContext } = tls;
  let certificates: Buffer | undefined;
  tls.createSecureContext = (options = {}) => {
    const made = createSecureContext(options);
    if (!options.ca) made.context.addCACert((certificates ??= readFileSync(file)));
    return made;
  };
}
