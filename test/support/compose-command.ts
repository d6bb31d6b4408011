// The Compose command that tests call: the one that dive itself would call here.
import { serverConfig } from '../../server/config.ts';
import { composeCommand as commandOf } from '../../server/worker-process.ts';

let found: readonly string[] | undefined;

/** DIVE_COMPOSE, else `docker compose`, else the plugin that the set-up brought. */
export function composeCommand(): readonly string[] {
  found ??= commandOf(serverConfig());
  return found;
}
