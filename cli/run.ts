import { Command, CommanderError, Option } from 'commander';
import { commandConfig } from './config.ts';
import { EXIT } from './exit.ts';
import { failureJson, failureLines } from './output/failure.ts';
import { type Mode, Output } from './output/output.ts';
import { type Session as SessionType } from './session.ts';
import type { LogsFlags } from './verbs/logs.ts';
import { sinceSeconds } from '../domain/log-time.ts';

type Verb = (session: SessionType, detach: AbortSignal) => Promise<number>;

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** `90`, `90s`, `4m`; plain numbers are seconds, as for Compose. */
function parseTimeout(text: string): number {
  const found = /^(\d+)(s|m)?$/.exec(text);
  if (!found) throw invalidOption(`'${text}' is no time; 90, 90s and 4m are`);
  return Number(found[1]) * (found[2] === 'm' ? 60_000 : 1_000);
}

function logsFlags(flags: { tail?: string; since?: string; follow?: boolean; timestamps?: boolean }): LogsFlags {
  const { tail = flags.since === undefined ? '100' : 'all' } = flags;
  if (!/^(\d+|all)$/.test(tail)) throw invalidOption(`'${tail}' is no number of lines; 100 and all are`);
  const since = flags.since === undefined ? undefined : sinceSeconds(flags.since, Date.now());
  if (flags.since !== undefined && since === undefined)
    throw invalidOption(`'${flags.since}' is no time; 42m, 1h30m and 2026-01-02T13:23:37Z are`);
  return {
    tail: tail === 'all' ? Infinity : Number(tail),
    follow: flags.follow === true,
    timestamps: flags.timestamps === true,
    ...(since === undefined ? {} : { since }),
  };
}

function invalidOption(what: string): CommanderError {
  return new CommanderError(EXIT.invalid, 'dive.invalid', `error: ${what}`);
}

/** As `docker compose up` has it. */
function pullOption(description: string): Option {
  return new Option('--pull <policy>', description).choices(['always', 'missing', 'never']);
}

function withComposeFlags(command: Command): Command {
  return command
    .option('-f, --file <path>', 'Compose file, as for docker compose; may be repeated', collect)
    .option('--env-file <path>', 'file of variables for interpolation; may be repeated', collect)
    .option('--profile <name>', 'profile to enable; may be repeated', collect)
    .option('-p, --project-name <name>', 'project name');
}

/** Runs one command line and gives its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.done;
  const program = new Command('dive');
  const execute = async (verb: Verb): Promise<void> => {
    code = await inSession(program, verb);
  };
  program
    .description('Raises Docker Compose projects by durable workflows: up and proven, or exactly as before.')
    .version('0.1.0')
    .option('--json', 'nothing but JSON on stdout')
    .option('--quiet', 'errors only')
    // A verb's help names --json and --quiet, too.
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .showHelpAfterError('(dive --help shows what there is)')
    .addHelpText('after', HELP_END);

  withComposeFlags(
    program
      .command('up [instance...]')
      .description('raise or change what the folder describes, and wait until it is proven'),
  )
    .addHelpText('after', UP_HELP)
    .option('-d, --detach', 'as people write it for docker compose: containers always run in the background')
    .option('--build', 'build images even when they are there')
    .addOption(pullOption('which images to pull, whatever pull_policy says'))
    .option('--wait', 'when another operation holds it, take my turn after that')
    .option('--keep-failed', 'leave a failure as it is, for a look')
    .option('--adopt', 'take over objects that another dive made')
    .option('--move', 'the instance belongs to this folder from now on')
    .option('--timeout <time>', 'longest time for each service to become healthy: 90, 90s, 4m')
    .option('--plan <id>', 'only if the plan still has this id')
    .action((codes: string[], flags: Record<string, never>) =>
      execute(async (session, detach) => {
        const { timeout, detach: _always, ...rest } = flags as { timeout?: string; detach?: true };
        const { up } = await import('./verbs/up.ts');
        return up(
          session,
          codes,
          { ...rest, ...(timeout === undefined ? {} : { timeoutMs: parseTimeout(timeout) }) },
          detach,
        );
      }),
    );
  withComposeFlags(
    program
      .command('plan [instance...]')
      .description('what up would do, step by step, each with its cause; changes nothing'),
  )
    .addHelpText('after', PLAN_HELP)
    .option('--build', 'as for up')
    .addOption(pullOption('as for up'))
    .option('--adopt', 'as for up')
    .option('--specs', 'with --json: also the create body of each container, secrets masked')
    .action((codes: string[], flags: Record<string, never>) =>
      execute(async (session) => (await import('./verbs/plan.ts')).plan(session, codes, flags)),
    );
  program
    .command('status [instance...]')
    .description('how every service is now, asked now')
    .action((codes: string[]) =>
      execute(async (session) => (await import('./verbs/status.ts')).status(session, codes)),
    );
  program
    .command('logs [words...]')
    .usage('[instance] [service...]')
    .description('what the services said, by time, secrets masked')
    .option('-f, --follow', 'go on with what comes; Ctrl-C ends it')
    .option('-n, --tail <lines>', 'last lines of each service, or all (default 100, with --since all)')
    .option('--since <time>', 'only what is later: 42m, 1h30m, 2026-01-02T13:23:37Z, or seconds since 1970')
    .option('-t, --timestamps', 'the time of each line, as the engine has it')
    .action((words: string[], flags: Record<string, never>) => {
      const read = logsFlags(flags);
      return execute(async (session, stop) => (await import('./verbs/logs.ts')).logs(session, words, read, stop));
    });
  program
    .command('watch [instance]')
    .description('look on at the operation that runs')
    .action((one?: string) =>
      execute(async (session, detach) => (await import('./verbs/steer.ts')).watch(session, one ? [one] : [], detach)),
    );
  for (const [verb, text] of [
    ['pause', 'start nothing new; what runs goes on'],
    ['resume', 'go on after a pause'],
    ['cancel', 'stop the operation and take back what it did'],
  ] as const) {
    program
      .command(`${verb} [instance]`)
      .description(text)
      .action((one?: string) =>
        execute(async (session) => (await import('./verbs/steer.ts')).steer(session, verb, one ? [one] : [])),
      );
  }
  withComposeFlags(program.command('down [instance...]').description('stop and remove everything; volumes stay'))
    .option('-v, --volumes', 'remove the volumes too, named and anonymous ones')
    .action((codes: string[], flags: Record<string, never>) =>
      execute(async (session, detach) => (await import('./verbs/down.ts')).down(session, codes, flags, detach)),
    );
  program
    .command('history [instance...]')
    .description('operations so far, newest first')
    .action((codes: string[]) =>
      execute(async (session) => (await import('./verbs/history.ts')).history(session, codes)),
    );
  program
    .command('doctor')
    .description('everything dive stands on, a line each, with what to type; starts nothing')
    .option('--fix', 'mend what can be mended; asks first')
    .option('--yes', 'with --fix: without asking')
    .action((flags: { fix?: boolean; yes?: boolean }) =>
      execute(async (session) => (await import('./verbs/doctor.ts')).doctor(session, flags)),
    );
  program
    .command('demo')
    .description('raise a throw-away project, break it, see it come back; leaves nothing')
    .action(() => execute(async (session, stop) => (await import('./verbs/demo.ts')).demo(session, stop)));
  const server = program.command('server').description('the server in the background: Temporal, PostgreSQL, a worker');
  const serverVerb = (name: string, text: string, verb: Verb): Command =>
    server
      .command(name)
      .description(text)
      .action(() => execute(verb));
  serverVerb('start', 'start it, or see that it runs', async (s) => (await import('./verbs/server.ts')).serverStart(s));
  serverVerb('stop', 'stop it; what it deployed goes on running', async (s) =>
    (await import('./verbs/server.ts')).serverStop(s),
  );
  serverVerb('status', 'what of it runs', async (s) => (await import('./verbs/server.ts')).serverState(s));
  server
    .command('purge')
    .description('list, then remove, all that was made for it; what was raised stays')
    .addOption(new Option('--yes', 'remove it without asking'))
    .action((flags: { yes?: boolean }) =>
      execute(async (s) => (await import('./verbs/server.ts')).serverPurge(s, flags.yes === true)),
    );

  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const shown =
      error.code === 'commander.helpDisplayed' || error.code === 'commander.version' || error.code === 'commander.help';
    if (error.code === 'dive.invalid') process.stderr.write(`${error.message}\n`);
    return shown && error.exitCode === 0 ? EXIT.done : EXIT.invalid;
  }
}

const HELP_END = `
Start here:
  cd my-app && dive up     raise the Compose project of this folder
  dive plan                see first what that would do
  dive status              how it is

Exit codes:
  0 done                      4 locked by another operation
  1 failed, all as before     5 cancelled or detached
  2 changes pending (plan)    6 an engine is unreachable
  3 failed, a person is       7 invalid configuration
    needed`;

const UP_HELP = `
What is changed is taken back when it fails, and compared with what ran before.
Ctrl-C detaches: the deployment goes on, dive watch looks on again.

Examples:
  dive up                            the Compose project of this folder
  dive up -f a.yaml -f b.yaml        these files, as for docker compose
  dive up USA FRA                    two instances of dive.yaml
  dive up --plan 5f50d1821a75        what dive plan showed, or nothing`;

const PLAN_HELP = `
Marks: + create  ~ recreate or make anew  > start  @ restart  - remove
       v pull    b build                  = stays as it is
Exit code 2 when there is something to do, 0 when there is nothing.`;

async function inSession(program: Command, verb: Verb): Promise<number> {
  const { Session } = await import('./session.ts');
  const flags = program.opts<{ json?: boolean; quiet?: boolean }>();
  const mode: Mode = flags.json ? 'json' : flags.quiet ? 'quiet' : 'normal';
  const config = commandConfig();
  const output = new Output(config, mode);
  const session = new Session(config, output, program.args[0] ?? '');
  const detach = new AbortController();
  const letGo = (): void => detach.abort();
  process.once('SIGINT', letGo);
  process.once('SIGHUP', letGo);
  try {
    return await verb(session, detach.signal);
  } catch (error) {
    const { toFailure } = await import('./to-failure.ts');
    const failure = toFailure(error);
    output.json(failureJson(failure));
    for (const line of failureLines(output, failure)) output.error(line);
    return failure.exitCode;
  } finally {
    process.off('SIGINT', letGo);
    process.off('SIGHUP', letGo);
    await session.close();
  }
}
