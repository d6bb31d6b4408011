// Which engine: the one `docker` itself would use.
import { readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '../../schema/digest.ts';
import type { EngineChoice } from './engine-choice.ts';
import { EngineFailure } from './engine-failure.ts';

export interface EngineHost {
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`, … */
  readonly url: string;
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

export const DEFAULT_HOST = 'unix:///var/run/docker.sock';

const ContextMeta = z.looseObject({
  Endpoints: z.looseObject({ docker: z.looseObject({ Host: z.string().min(1) }) }),
});
const ClientConfig = z.looseObject({ currentContext: z.string().optional() });

export function dockerConfigDir(choice: EngineChoice): string {
  return choice.configDir === undefined || choice.configDir === '' ? join(homedir(), '.docker') : choice.configDir;
}

/** @throws EngineFailure DIVE-1601 when the context chosen does not exist. */
export async function engineHost(choice: EngineChoice): Promise<EngineHost> {
  if (choice.host !== undefined && choice.host !== '') {
    const url = choice.host.includes('://') ? choice.host : `tcp://${choice.host}`;
    if (choice.tlsVerify !== true && choice.certPath === undefined) return { url };
    return withTls(url, choice.certPath ?? dockerConfigDir(choice));
  }
  const dir = dockerConfigDir(choice);
  const context = choice.context ?? (await currentContext(dir));
  if (context === undefined || context === '' || context === 'default') return { url: DEFAULT_HOST };
  const id = sha256Hex(context);
  const meta = await readJson(join(dir, 'contexts', 'meta', id, 'meta.json'), ContextMeta);
  if (meta === undefined) throw new EngineFailure('DIVE-1601', `the Docker context ${context} does not exist`);
  return withTls(meta.Endpoints.docker.Host, join(dir, 'contexts', 'tls', id, 'docker'));
}

/**
 * One name for one engine, however it is named: a socket by its real path (`/var/run` is a link to `/run` on most
 * machines). Asks no engine. @throws EngineFailure DIVE-1601 when the context chosen does not exist.
 */
export async function engineName(choice: EngineChoice): Promise<string> {
  const { url } = await engineHost(choice);
  const socket = /^unix:\/\/(.*)$/.exec(url)?.[1];
  if (socket === undefined) return url;
  const folder = dirname(socket);
  const real = await realpath(socket).catch(async () =>
    join(await realpath(folder).catch(() => folder), basename(socket)),
  );
  return `unix://${real}`;
}

async function currentContext(dir: string): Promise<string | undefined> {
  return (await readJson(join(dir, 'config.json'), ClientConfig))?.currentContext;
}

async function withTls(url: string, dir: string): Promise<EngineHost> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readMaybe(join(dir, name))),
  );
  if (ca === undefined && cert === undefined && key === undefined) return { url };
  return { url, tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } };
}

async function readMaybe(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined);
}

/** undefined when the file is missing or is not what it should be: `docker` goes on with its default then, too. */
export async function readJson<T>(path: string, shape: z.ZodType<T>): Promise<T | undefined> {
  const text = await readMaybe(path);
  if (text === undefined) return undefined;
  try {
    return shape.parse(JSON.parse(text.toString('utf8')));
  } catch {
    return undefined;
  }
}
