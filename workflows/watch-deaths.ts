import { isCancellation } from '@temporalio/workflow';
import type { OperationRef } from '../domain/deployment.ts';
import { serviceFailure } from './failure.ts';
import type { SiteProxies } from './proxies.ts';

export interface DeathWatch {
  /** Rejects when a container that must live died. Never resolves. */
  readonly died: Promise<never>;
  /** From now on these containers must stay alive. */
  guard(service: string, containerIds: readonly string[]): void;
}

/** Follows the engine's events for the whole operation: a container that dies after it was healthy fails it at once. */
export function watchDeaths(proxies: SiteProxies, operation: OperationRef, project: string): DeathWatch {
  const guarded = new Map<string, string>();
  const dead = new Map<string, { exitCode: number; lines: readonly string[] }>();
  let fail: (error: Error) => void = () => undefined;
  const died = new Promise<never>((_, reject) => (fail = reject));
  died.catch(() => undefined);

  const judge = (): void => {
    for (const [id, death] of dead) {
      const service = guarded.get(id);
      if (service === undefined) continue;
      fail(
        serviceFailure({
          code: 'DIVE-1202',
          what: `exited (${death.exitCode}) after it had been healthy`,
          service,
          why: death.lines.length === 0 ? [] : ['last lines of its log:', ...death.lines.map((l) => `  ${l}`)],
        }),
      );
    }
  };
  const follow = async (): Promise<void> => {
    for (let sinceMs = Date.now(); ;) {
      const death = await proxies.watch.nextDeath({ ...operation, project, sinceMs });
      dead.set(death.containerId, { exitCode: death.exitCode, lines: death.lines });
      sinceMs = death.atMs;
      judge();
    }
  };
  follow().catch((error: unknown) => {
    if (!isCancellation(error)) fail(error instanceof Error ? error : new Error(String(error)));
  });
  return {
    died,
    guard: (service, ids) => {
      for (const id of ids) guarded.set(id, service);
      judge();
    },
  };
}
