// A command that stays in its container and is spoken to: its input and its output are one connection to the engine.
import type { Duplex } from 'node:stream';
import { Created, readAnswer } from './answers.ts';
import { frames } from './demux.ts';
import { EngineFailure } from './engine-failure.ts';
import { takeTurn } from './exec-turns.ts';
import { part, send, sendForConnection, type Wire } from './request.ts';

export interface ExecSession {
  /** The next piece of what the command prints, both streams together; undefined when nothing more will come. */
  read(): Promise<string | undefined>;
  /** Arrives at its input, as it is. */
  write(text: string): void;
  /** Ends its input, and whoever waits in `read`. */
  close(): void;
}

export interface SessionOptions {
  /** For the beginning, counted from the moment it may run. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Begins `argv` as the container's user. Undefined where nothing can be begun in it in time, and where the engine, or
 * what stands before it, hands no connection over. @throws EngineFailure DIVE-1601 …, or the signal's reason
 */
export async function openExecSession(
  engine: Wire,
  id: string,
  argv: readonly string[],
  options: SessionOptions,
): Promise<ExecSession | undefined> {
  const body = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Cmd: argv };
  return takeTurn(async () => {
    const late = AbortSignal.timeout(options.timeoutMs);
    const signal = options.signal === undefined ? late : AbortSignal.any([late, options.signal]);
    const exec = { method: 'POST' as const, kind: 'exec' as const, signal };
    try {
      const created = await send(engine, { ...exec, path: `/containers/${part(id)}/exec`, body });
      const path = `/exec/${readAnswer(Created, created).Id}/start`;
      const connection = await sendForConnection(engine, { ...exec, path, body: { Detach: false, Tty: false } });
      return connection === undefined ? undefined : session(connection);
    } catch (error) {
      options.signal?.throwIfAborted();
      // Late, paused, gone, without such a command: who asks once hears which.
      if (late.aborted || (error instanceof EngineFailure && error.status !== undefined)) return undefined;
      throw error;
    }
  });
}

function session(connection: Duplex): ExecSession {
  const decoder = new TextDecoder();
  const pieces = frames(connection);
  // It ends with its container, whatever is being said to it; then `read` tells.
  connection.on('error', () => undefined);
  return {
    read: async () => {
      try {
        const next = await pieces.next();
        return next.done === true ? undefined : decoder.decode(next.value.bytes, { stream: true });
      } catch {
        return undefined;
      }
    },
    write: (text) => void (connection.writable && connection.write(text)),
    close: () => connection.destroy(),
  };
}
