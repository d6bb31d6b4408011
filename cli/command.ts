// The `dive` command: composition root. Verbs are loaded when they are called, so that --help is quick.
import { run } from './run.ts';

/** Runs the command line of this process and ends it. */
export function main(): void {
  // `dive … | head` closes the pipe early, a terminal may be closed: nobody reads on, so there is nothing left to say.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      process.exit(process.exitCode ?? 0);
    });
  }

  run(process.argv).then(
    (code) => {
      process.exitCode = code;
      // Nothing of ours is left to do; a connection that closes slowly must not keep the person waiting.
      process.stdout.write('', () => process.exit(code));
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(3);
    },
  );
}

/** Loads what the frequent verbs load, and runs nothing: what the build keeps compiled. */
export async function load(): Promise<void> {
  await Promise.all([
    import('./session.ts'),
    import('./verbs/up.ts'),
    import('./verbs/plan.ts'),
    import('./verbs/status.ts'),
    import('./verbs/down.ts'),
    import('./lean-protobuf.ts'),
    import('../client/connect.ts'),
    import('../client/operations.ts'),
    import('../adapters/docker/connect.ts'),
    import('../adapters/store/connect.ts'),
    import('../adapters/store/releases.ts'),
    import('../server/embedded.ts'),
  ]);
}
