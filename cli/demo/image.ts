// What the demonstration runs: anything with a shell that is here already, else the machine's own busybox, else the
// official one.
import { readFile } from 'node:fs/promises';
import type { Engine } from '../../adapters/docker/connect.ts';
import { imageNames, importBusybox } from '../../adapters/docker/small-image.ts';

export interface DemoImage {
  readonly name: string;
  /** For the person: where it comes from. */
  readonly from: string;
  /** It was not there before and goes with the demonstration. */
  readonly isNew: boolean;
}

/** Small ones first. All have `sh`, `sleep`, `test` and `touch`. */
const WITH_A_SHELL = [
  /^(docker\.io\/)?(library\/)?busybox:/,
  /^(docker\.io\/)?(library\/)?alpine:/,
  /^(docker\.io\/)?(library\/)?debian:/,
  /^dive-local\/base:/,
  /^(docker\.io\/)?(library\/)?ubuntu:/,
];
const MADE = { repo: 'dive-demo/busybox', tag: '1' };
const OFFICIAL = 'busybox:1.36';
const BUSYBOX = '/bin/busybox';

/** Makes the image when it has to be made of what the machine has. @throws EngineFailure */
export async function demoImage(engine: Engine): Promise<DemoImage> {
  const here = await imageNames(engine);
  const found = WITH_A_SHELL.flatMap((pattern) => here.find((name) => pattern.test(name)) ?? [])[0];
  if (found !== undefined) return { name: found, from: 'which is here', isNew: false };
  const busybox = engine.local ? await readFile(BUSYBOX).catch(() => undefined) : undefined;
  if (busybox === undefined || !isStatic(busybox)) return { name: OFFICIAL, from: 'to be pulled', isNew: true };
  await importBusybox(engine, MADE, busybox, ['sh', 'sleep', 'test', 'touch']);
  return { name: `${MADE.repo}:${MADE.tag}`, from: `made of ${BUSYBOX}`, isNew: true };
}

/** A program that asks for a loader cannot run alone. */
function isStatic(program: Buffer): boolean {
  return !program.includes('/ld-linux') && !program.includes('/ld-musl');
}
