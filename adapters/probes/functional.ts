// Functional probes: does the service really do its work? One small file a kind; functional-kinds.ts lists them.
import type { ProbeResult } from '../../schema/probe.ts';
import type { Outside } from './outside.ts';
import type { ProbeTarget } from './probe.ts';

export interface Functional<Options = unknown> {
  readonly timeoutMs: number;
  /** One line for the plan: "writes and reads a row, rolled back". */
  description(options: Options): string;
  /** Is this the image whose services get this probe without being told? */
  isImage(reference: string): boolean;
  /** What starts the server in such an image: programs, and words that its entry point understands. */
  readonly programs: readonly string[];
  /** Asked first, where the port is published. */
  readonly outside?: Outside<Options>;
  /** What the service does or fails to do is a result, never an exception. Leaves nothing behind. */
  ask(options: Options, timeoutMs: number, target: ProbeTarget): Promise<Omit<ProbeResult, 'latencyMs'>>;
}

/** `registry/library/postgres:17@sha256:…` is `postgres`. */
export function imageName(reference: string): string {
  return (
    reference
      .replace(/@.*$/, '')
      .replace(/:[^/]*$/, '')
      .split('/')
      .at(-1) ?? ''
  );
}
