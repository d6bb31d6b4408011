// What one container offers to who waits for it: to be asked, to be asked again, and to say when it is worth asking.
import type { Engine } from '../adapters/docker/connect.ts';
import { execInContainer } from '../adapters/docker/exec.ts';
import { openExecSession } from '../adapters/docker/exec-session.ts';
import type { LogStir } from '../adapters/docker/log-stir.ts';
import type { Inside } from '../adapters/probes/repeat.ts';

export function inside(engine: Engine, id: string, log: LogStir): Inside {
  return {
    once: (argv, options) => execInContainer(engine, id, argv, options),
    open: (argv, options) => openExecSession(engine, id, argv, options),
    rest: (rest, signal) => log.rest(rest, signal),
  };
}
