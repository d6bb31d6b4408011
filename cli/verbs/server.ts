import { serverStatus, stopServer, purgeServer } from '../../server/embedded.ts';
import { CommandFailure, EXIT } from '../exit.ts';
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

export async function serverPurge(session: Session, yes: boolean): Promise<number> {
  const removed = await purgeServer({
    list: (entries) => {
      for (const e of entries) session.output.note(`  ${e.name}`);
      if (!yes)
        throw new CommandFailure(
          { code: 'DIVE-1110', what: 'this removes all of the above' },
          { now: ['nothing was removed'], next: ['dive server purge --yes'] },
        );
      return true;
    },
    onProgress: (line) => session.output.note(line),
  });
  session.output.json({ version: 1, removed: removed.map((e) => e.name) });
  session.output.say(removed.length === 0 ? 'there was nothing to remove' : `${removed.length} removed`);
  return EXIT.done;
}
