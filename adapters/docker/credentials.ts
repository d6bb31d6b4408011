// The user's own credentials for a registry: config.json and its credential helpers, as `docker` finds them.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from './engine-host.ts';

/** Docker Hub goes by this key everywhere. */
const HUB = 'https://index.docker.io/v1/';

export type RegistryAuth =
  | { readonly username: string; readonly password: string; readonly serveraddress: string }
  | { readonly identitytoken: string; readonly serveraddress: string };

const AuthConfig = z.looseObject({
  auths: z
    .record(z.string(), z.looseObject({ auth: z.string().optional(), identitytoken: z.string().optional() }))
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});
const HelperAnswer = z.looseObject({ Username: z.string(), Secret: z.string() });

/** For people: `docker.io`, `registry.example:5000`. */
export function registryName(reference: string): string {
  const registry = registryOf(reference);
  return registry === HUB ? 'docker.io' : registry;
}

/** The registry of an image reference, as config.json names it. */
export function registryOf(reference: string): string {
  const [host = '', rest] = reference.split('/', 2);
  const isHost = rest !== undefined && (/[.:]/.test(host) || host === 'localhost');
  return isHost && host !== 'docker.io' && host !== 'index.docker.io' ? host : HUB;
}

/**
 * undefined when the user has none for this registry: the pull is anonymous then.
 * @param env environment of a credential helper; that of this process by default
 */
export async function credentialsFor(
  configDir: string,
  reference: string,
  env?: Readonly<Record<string, string>>,
): Promise<RegistryAuth | undefined> {
  const config = await readJson(join(configDir, 'config.json'), AuthConfig);
  if (config === undefined) return undefined;
  const registry = registryOf(reference);
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  if (helper !== undefined && helper !== '') return fromHelper(helper, registry, env);
  const entry = Object.entries(config.auths ?? {}).find(([key]) => bareHost(key) === bareHost(registry))?.[1];
  if (entry?.identitytoken !== undefined && entry.identitytoken !== '') {
    return { identitytoken: entry.identitytoken, serveraddress: registry };
  }
  const [username = '', ...password] = Buffer.from(entry?.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  return username === ''
    ? undefined
    : { username, password: password.join(':').replace(/\0+$/, ''), serveraddress: registry };
}

/** Header `X-Registry-Auth`. */
export function authHeader(auth: RegistryAuth): string {
  return Buffer.from(JSON.stringify(auth)).toString('base64url');
}

function bareHost(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

/** A helper that is missing or knows nothing is no failure here: the registry's own answer says more. */
async function fromHelper(
  name: string,
  registry: string,
  env: Readonly<Record<string, string>> | undefined,
): Promise<RegistryAuth | undefined> {
  if (!/^[\w.-]+$/.test(name)) return undefined;
  try {
    const child = spawn(`docker-credential-${name}`, ['get'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      signal: AbortSignal.timeout(10_000),
      ...(env && { env }),
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(registry);
    const [output, code] = await Promise.all([text(child.stdout), ended]);
    if (code !== 0) return undefined;
    const { Username, Secret } = HelperAnswer.parse(JSON.parse(output));
    if (Username === '<token>') return { identitytoken: Secret, serveraddress: registry };
    return Username === '' ? undefined : { username: Username, password: Secret, serveraddress: registry };
  } catch {
    return undefined;
  }
}
