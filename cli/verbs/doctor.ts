// `dive doctor`: everything that dive stands on, a line each. Looks, starts nothing; --fix mends what can be mended.
import '../lean-zod.ts';
import { chmod } from 'node:fs/promises';
import { engineName } from '../../adapters/docker/engine-host.ts';
import { type ServerConfig, serverConfig } from '../../server/config.ts';
import { bringTools, serverStatus, stopServer } from '../../server/embedded.ts';
import { ask } from '../ask.ts';
import { type Check, type Fix, within } from '../doctor/check.ts';
import { checkEngine } from '../doctor/engine.ts';
import { checkCompose, checkHome, checkKey, checkMemory, checkNode, checkTemporalCli } from '../doctor/machine.ts';
import { checkImages, checkOperations } from '../doctor/operations.ts';
import { checkDatabase, checkPorts, checkServer, checkTemporal } from '../doctor/server.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import type { Session } from '../session.ts';

export interface DoctorFlags {
  readonly fix?: boolean;
  readonly yes?: boolean;
}

/** Exit 6 when something that is needed is missing. */
export async function doctor(session: Session, flags: DoctorFlags): Promise<number> {
  let checks = await examine(session);
  const fixes = [...new Set(checks.flatMap((c) => c.fix ?? []))];
  if (flags.fix === true && fixes.length > 0) {
    if (session.output.mode === 'normal') say(session, checks);
    if (!(await consent(session, fixes, flags.yes === true))) return EXIT.cancelled;
    for (const fix of fixes) await FIXES[fix](session, serverConfig());
    checks = await examine(session);
  }
  const exitCode = checks.some((c) => c.state === 'missing') ? EXIT.unreachable : EXIT.done;
  session.output.json({
    version: 1,
    checks: checks.map(({ id, title, state, value, next }) => ({ id, title, state, value, next: next ?? null })),
    exitCode,
  });
  say(session, checks);
  return exitCode;
}

async function examine(session: Session): Promise<Check[]> {
  const config = serverConfig();
  const status = serverStatus(config);
  const choice = session.config.engine;
  const named = await within(engineName(choice));
  const [engine, database, ...others] = await Promise.all([
    checkEngine(choice),
    checkDatabase(status, config),
    checkCompose(config),
    checkTemporalCli(config),
    checkHome(config.home),
    checkTemporal(status, config),
    checkPorts(status),
  ]);
  const [compose, cli, home, temporal, ports] = others;
  const { store } = database;
  const inside: Check[] = [];
  try {
    if (store !== undefined) {
      const asked = await Promise.all([
        within(checkOperations(store, (code) => isRunning(session, config, code))),
        engine.engine === undefined ? [] : within(checkImages(store, engine.engine)),
      ]);
      // A store without a schema yet knows nothing.
      inside.push(...asked.flatMap((found) => (found instanceof Error ? [] : found)));
    }
  } finally {
    await store?.close().catch(() => undefined);
  }
  return [
    checkNode(),
    ...engine.checks,
    compose,
    cli,
    ...checkServer(status, named instanceof Error ? undefined : named),
    ...temporal,
    ...database.checks,
    ...ports,
    checkKey(config),
    home,
    checkMemory(),
    ...inside,
  ];
}

/** Only a Temporal that answers is asked: opening a session's own would start a server. */
async function isRunning(session: Session, config: ServerConfig, code: string): Promise<boolean> {
  const running = await session.runningServer();
  if (running === undefined && config.temporalAddress === undefined) return true;
  const { findHolder } = await import('../../client/operations.ts');
  return (await findHolder(await session.temporal(), code)) !== undefined;
}

function say(session: Session, checks: readonly Check[]): void {
  const { output } = session;
  const width = Math.max(...checks.map((c) => c.title.length));
  for (const { state, title, value, next } of checks) {
    const mark = state === 'ok' ? output.green(output.symbol('ok')) : output.red(output.symbol(MARK[state]));
    const advice = next === undefined ? '' : `: ${next}`;
    output.say(`${mark} ${title.padEnd(width)}  ${value}${advice}`);
  }
}

const MARK = { warning: 'degraded', missing: 'bad' } as const;

const WHAT: Record<Fix, string> = {
  tools: 'bring the tools that are missing; a Docker engine is installed where there is root',
  key: 'make the key file readable by its owner alone',
  server: 'end what is left of the server and start it again; what it deployed goes on running',
};

const FIXES: Record<Fix, (session: Session, config: ServerConfig) => Promise<void>> = {
  tools: (session, config) => bringTools('all', (line) => session.output.note(line), config),
  key: (_session, config) => chmod(config.keyFile, 0o600),
  server: async (session, config) => {
    await stopServer({ config, onProgress: (line) => session.output.note(line) });
    await session.server();
  },
};

/** Without a person to ask, `--yes` must be given. */
async function consent(session: Session, fixes: readonly Fix[], yes: boolean): Promise<boolean> {
  const { output } = session;
  output.note('This would be done:');
  for (const fix of fixes) output.note(`  ${WHAT[fix]}`);
  if (yes) return true;
  if (session.config.canAsk && output.mode === 'normal') {
    if (await ask('Do it? [y/N] ')) return true;
    output.say('nothing was changed');
    return false;
  }
  throw new CommandFailure(
    { code: 'DIVE-1110', what: 'nobody can be asked here whether to do this', why: fixes.map((fix) => WHAT[fix]) },
    { now: ['nothing was changed'], next: ['dive doctor --fix --yes   does it without asking'] },
  );
}
