// An orderly end: within the time the engine gives, whatever is under way.
import type { Server } from 'node:http';

/** Requests under way have so long to be answered, milliseconds; the engine kills after 10 s. */
const GRACE_MS = 5000;
const LOOK_EVERY_MS = 50;

/**
 * Resolves when the server is closed: no new connections, those that only wait are closed, also after their last
 * answer, and what is left after the grace is cut off. A connection that never asked anything would keep the server
 * open for half a minute.
 */
export async function closed(server: Server, graceMs = GRACE_MS): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), LOOK_EVERY_MS);
  const late = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  } finally {
    clearInterval(idle);
    clearTimeout(late);
  }
}

/**
 * Runs `stop` at the first SIGTERM or SIGINT, then ends. To be called first: the first process of a container that
 * has not said what to do at SIGTERM does not hear it, and is killed when the engine has waited long enough.
 */
export function stopOnSignal(stop: () => Promise<void>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void stop().finally(() => process.exit(0));
    });
  }
}
