import { serverStatus, stopServer, purgeServer } from '../../server/embedded.ts';
import type { PurgeEntry } from '../../server/purge.ts';
import { ask } from '../ask.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { bytes, fit } from '../output/durations.ts';
import type { Session } from '../session.ts';

export async function serverStart(session: Session): Promise<number> {
  const address = await session.server();
  const { migrate } = await import('../../adapters/store/migrate.ts');
  await migrate(await session.store());
  session.output.json(shown(address));
  session.output.say(
    `the server runs: Temporal ${address.temporalAddress}${address.uiAddress ? `, its UI http://${address.uiAddress.replace(/^https?:\/\//, '')}` : ''}`,
  );
  return EXIT.done;
}

/** The password in the database URL stays out of everything printed. */
function shown<T extends { databaseUrl: string }>(address: T): T {
  return { ...address, databaseUrl: address.databaseUrl.replace(/:\/\/([^:@/]+):[^@/]*@/, '://$1:***@') };
}

export async function serverStop(session: Session): Promise<number> {
  const ran = await stopServer({ onProgress: (line) => session.output.note(line) });
  session.output.json({ version: 1, stopped: ran });
  session.output.say(ran ? 'the server is stopped; what it deployed goes on running' : 'no server was running');
  return EXIT.done;
}

export async function serverState(session: Session): Promise<number> {
  const found = serverStatus();
  session.output.json({ version: 1, ...found, ...(found.address ? { address: shown(found.address) } : {}) });
  const ready = found.state === 'ready';
  session.output.say(`server ${found.state}   ${found.home}`);
  for (const c of found.children)
    session.output.say(
      `  ${c.name.padEnd(9)} ${c.running ? `runs, pid ${c.pid ?? '?'}` : c.kind === 'other' ? 'not ours' : 'does not run'}`,
    );
  if (found.address?.uiAddress)
    session.output.say(`  Temporal UI http://${found.address.uiAddress.replace(/^https?:\/\//, '')}`);
  session.output.say(`  logs      ${found.logs}`);
  return ready ? EXIT.done : EXIT.unreachable;
}

/** Lists, asks whom it can ask, then removes. Without a person to ask, `--yes` must be given. */
export async function serverPurge(session: Session, yes: boolean): Promise<number> {
  const { output } = session;
  let refused = false;
  const removed = await purgeServer({
    list: async (entries) => {
      output.note('This is what dive made here:');
      for (const line of purgeLines(entries, output.columns)) output.note(line);
      for (const line of KEPT) output.note(line);
      if (yes) return true;
      if (!session.config.canAsk || output.mode !== 'normal') throw notWithoutYes();
      refused = !(await ask('Remove all of it? [y/N] '));
      return !refused;
    },
    onProgress: (line) => output.note(line),
  });
  output.json({ version: 1, removed: removed.map((e) => e.name) });
  if (refused) {
    output.say('nothing was removed');
    return EXIT.cancelled;
  }
  output.say(removed.length === 0 ? 'there was nothing to remove' : `removed, ${removed.length} in all`);
  return EXIT.done;
}

const KEPT = [
  'Kept: what was raised goes on running, with its volumes and images (dive down',
  'first, to end it); the Docker engine, Debian packages, dive.yaml and .env files.',
];

/** What it is, its size, where it is; on narrow screens the place has a line of its own. */
export function purgeLines(entries: readonly PurgeEntry[], columns: number): string[] {
  const width = Math.max(...entries.map((e) => e.name.length));
  return entries.flatMap((e) => {
    const size = e.bytes === undefined ? '' : `, ${bytes(e.bytes)}`;
    const text = `${e.what}${size}`;
    const line = `  ${e.name.padEnd(width)}  ${text}`;
    return line.length <= columns ? [line] : [`  ${e.name}`, `      ${fit(text, columns - 6)}`];
  });
}

function notWithoutYes(): CommandFailure {
  return new CommandFailure(
    { code: 'DIVE-1110', what: 'nobody can be asked here whether to remove all of the above' },
    { now: ['nothing was removed'], next: ['dive server purge --yes   removes it without asking'] },
  );
}
