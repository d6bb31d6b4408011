// `dive demo`: raises a throw-away project, breaks it on purpose, shows the way back, and leaves nothing.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { observeContainers } from '../../adapters/docker/observe.ts';
import { codeOfProject } from '../../domain/names.ts';
import { cleanUp } from '../demo/clean-up.ts';
import { type DemoImage, demoImage } from '../demo/image.ts';
import { BROKEN, demoCompose, WORKS } from '../demo/project.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { failureLines } from '../output/failure.ts';
import { Session } from '../session.ts';
import { up } from './up.ts';

/** Exit 0 when it went as it should, 5 after Ctrl-C, else that of what failed; nothing is left over in any case. */
export async function demo(outer: Session, stop: AbortSignal): Promise<number> {
  const name = `dive-demo-${randomBytes(3).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const hadServer = (await outer.runningServer()) !== undefined;
  // Variables of the caller's own projects have no business here.
  const environment = Object.fromEntries(
    Object.entries(outer.config.environment).filter(([key]) => !key.startsWith('COMPOSE_')),
  );
  const session = new Session({ ...outer.config, folder, environment }, outer.output, 'up');
  // Once more Ctrl-C while it cleans up would leave what it came to remove.
  const patience = (): void => outer.output.note('it is being removed, a moment');
  process.on('SIGINT', patience);
  process.on('SIGHUP', patience);
  const part: Part = { session, name, folder, stop, code: codeOfProject(name) };
  let image: DemoImage | undefined;
  try {
    image = await demoImage(await session.engine());
    say(part, 1, `makes a project of two services, ${name}, in ${folder} (image ${image.name}, ${image.from})`);
    await show(part, image);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    say(part, 5, 'removes all of it: containers, network, volume, folder');
    await cleanUp(session, { code: part.code, ...(image?.isNew === true ? { image: image.name } : {}), hadServer });
    await rm(folder, { recursive: true, force: true });
    await session.close();
    process.off('SIGINT', patience);
    process.off('SIGHUP', patience);
  }
  const exitCode = stop.aborted ? EXIT.cancelled : EXIT.done;
  outer.output.json({ type: 'result', version: 1, outcome: stop.aborted ? 'interrupted' : 'shown', exitCode });
  outer.output.say(
    stop.aborted
      ? 'interrupted; nothing of it is left'
      : 'That is all, and nothing of it is left. Yours: cd my-app && dive up',
  );
  return exitCode;
}

interface Part {
  readonly session: Session;
  readonly name: string;
  readonly folder: string;
  readonly stop: AbortSignal;
  /** Of the instance. */
  readonly code: string;
}

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

async function show(part: Part, { name: image }: DemoImage): Promise<void> {
  const { session, name, folder, stop } = part;
  const file = join(folder, 'compose.yaml');
  const raise = async (web: string): Promise<number> => {
    await writeFile(file, demoCompose({ name, image, web }));
    const code = await up(session, [], {}, stop);
    if (stop.aborted) throw new Interrupted();
    return code;
  };
  const ids = async (): Promise<string> =>
    (await observeContainers(await session.engine(), name)).map((c) => `${c.name} ${c.id} ${c.state}`).join();
  say(part, 2, 'raises it, as "dive up" does: web waits until cache is healthy');
  await raise(WORKS);
  const before = await ids();
  say(part, 3, 'breaks it on purpose: from now on web exits as soon as it starts, and "dive up" again');
  const failure = await raise(BROKEN).then(() => undefined, failureOf);
  if (stop.aborted) throw new Interrupted();
  if (failure === undefined) throw unexpected('the broken project was said to be up');
  // What to do next is nothing, here.
  const { details, instance, now } = failure;
  const shown = new CommandFailure(details, { instance, now });
  for (const line of failureLines(session.output, shown)) session.output.note(`  ${line}`);
  if (failure.exitCode !== EXIT.failed) throw failure;
  say(part, 4, 'compares what runs now with what ran before it was broken');
  if ((await ids()) !== before) throw unexpected('other containers run than before');
  session.output.note('  the very same two containers, both running');
}

function say({ session }: Part, step: number, what: string): void {
  session.output.note(`[${step}/5] ${what}`);
  session.output.json({ type: 'step', version: 1, step, of: 5, what });
}

/** A failure of ours is what is wanted; anything else is none of the demonstration. */
function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  throw error;
}

function unexpected(what: string): CommandFailure {
  return new CommandFailure({ code: 'DIVE-1501', what }, { exitCode: EXIT.notRolledBack });
}
