// Who may use the registries of the tests that ask for a login.
import { runProgram } from './command.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

export const LOGIN = { user: 'ada', password: 'walrus' };
/** As `htpasswd -nbB` prints it. */
export const HTPASSWD = `${LOGIN.user}:$2b$04$DFzWV0bl56UZoNuTzDyAc.9JRduoBcugLl3zOlyNJ3z6weOUYkqHC\n`;

/** A Docker configuration of its own (`DOCKER_CONFIG`) in which `docker login` to that registry has been made. */
export async function dockerLogin(host: string): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  const args = ['login', '--username', LOGIN.user, '--password', LOGIN.password, host];
  const ran = await runProgram('docker', args, folder.path, { ...process.env, DOCKER_CONFIG: folder.path });
  if (ran.code !== 0) throw new Error(`docker login ${host}: ${ran.stderr}`);
  return folder;
}
