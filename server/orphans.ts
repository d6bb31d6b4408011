// Children of a supervisor that was killed: nobody restarts them, and they hold the ports and the data.
import type { ServerAddress } from './address-file.ts';
import { postgresWords } from './postgres-server.ts';
import { endProcess, isProcess } from './processes.ts';
import { temporalWords } from './temporal-server.ts';
import { workerWords } from './worker-process.ts';

/** Ends what an earlier supervisor left. A number that belongs to somebody else by now is left alone. */
export async function endOrphans(
  home: string,
  address: ServerAddress | undefined,
  log: (line: string) => void,
): Promise<void> {
  if (!address) return;
  const { worker, temporal, postgres } = address.children;
  const known = [
    { name: 'worker', pid: worker, words: workerWords(home), signal: 'SIGTERM' as const },
    { name: 'temporal', pid: temporal, words: temporalWords(home), signal: 'SIGTERM' as const },
    { name: 'postgres', pid: postgres, words: postgresWords(home), signal: 'SIGINT' as const },
  ];
  await Promise.all(
    known.map(async ({ name, pid, words, signal }) => {
      if (pid === undefined || !isProcess(pid, words)) return;
      log(`${name}: process ${pid} of a supervisor that is gone; ending it`);
      await endProcess(pid, words, 10_000, signal);
    }),
  );
}
