// How long the command itself takes, beside Node doing nothing.
import type { Bench } from './dive-command.ts';
import { mustExecute } from './execute.ts';
import { median } from './statistics.ts';

export interface CliTimes {
  readonly node: number;
  readonly help: number;
  readonly status: number;
}

const TIMES = 9;

/** Medians, milliseconds, taken in turn. `folder` holds a project that is up. */
export async function cliTimes(bench: Bench, folder: string): Promise<CliTimes> {
  const node: number[] = [];
  const help: number[] = [];
  const status: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    node.push((await mustExecute([process.execPath, '-e', '0'])).wallMs);
    help.push((await bench.dive(['--help'], folder)).wallMs);
    status.push((await bench.dive(['status'], folder)).wallMs);
  }
  return { node: median(node), help: median(help), status: median(status) };
}
