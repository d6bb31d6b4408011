// The default hub of stacks/hub, raised from a copy of its folder under a name and on ports of its own.
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { docker, TestProject } from './command.ts';
import { freePorts } from './listening.ts';

export const HUB = path.resolve(__dirname, '..', '..', 'stacks', 'hub');

const OURS_AND_OFFICIAL: Readonly<Record<string, readonly string[]>> = {
  POSTGRES_IMAGE: ['dive-local/postgres:15', 'postgres:15.20'],
  REDIS_IMAGE: ['dive-local/redis:7', 'redis:7.0.15'],
  KEYCLOAK_IMAGE: ['dive-local/keycloak:26.7.3', 'quay.io/keycloak/keycloak:26.7.3'],
  OPA_IMAGE: ['dive-local/opa:1.22.2', 'openpolicyagent/opa:1.22.2-static'],
  NODE_IMAGE: ['dive-local/node:22', 'node:22-bookworm-slim'],
};
/** Variables of its env file that publish a port. */
export const hubPorts = [
  'POSTGRES_PORT',
  'REDIS_PORT',
  'KEYCLOAK_PORT',
  'KEYCLOAK_HEALTH_PORT',
  'OPA_PORT',
  'BACKEND_PORT',
];

/** The image of that variable that is on this machine: the drop-in one, else the official one. */
export async function hubImage(variable: string): Promise<string> {
  const here = new Set(await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'));
  const found = OURS_AND_OFFICIAL[variable]?.find((image) => here.has(image));
  if (found === undefined) throw new Error(`no image for ${variable}; bring it: node scripts/setup.cjs --tests`);
  return found;
}

/** Lines of its env file that name the images of this machine. */
export function hubImages(): Promise<string[]> {
  return Promise.all(Object.keys(OURS_AND_OFFICIAL).map(async (name) => `${name}=${await hubImage(name)}`));
}

export interface Hub extends AsyncDisposable {
  readonly project: TestProject;
  /** What its env file says by now, secrets included once it was raised. */
  settings(): Promise<Readonly<Record<string, string | undefined>>>;
  /** Asks a service over its published port, once; no answer in 10 s is an error. */
  ask(port: string, address: string, init?: RequestInit): Promise<Reply>;
  /** An access token of one of the five users. */
  token(user: string): Promise<string>;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** The folder of the default hub, copied to `to` under another code and on ports of its own; `names` are more lines of its env file. */
export async function copyHubTo(to: string, code: string, names: readonly string[]): Promise<void> {
  await cp(HUB, to, { recursive: true, filter: (from) => !/hub\.env|node_modules|dist$/.test(from) });
  const topology = path.join(to, 'dive.yaml');
  await writeFile(topology, (await readFile(topology, 'utf8')).replace('code: USA', `code: ${code}`));
  const images = await hubImages();
  const ports = (await freePorts(hubPorts.length)).map((port, index) => `${hubPorts[index]}=${port}`);
  const choice = images.some((line) => line.includes('=dive-local/')) ? 'local' : 'official';
  await writeFile(path.join(to, 'hub.env'), [...names, `HUB_IMAGES=${choice}`, ...images, ...ports, ''].join('\n'));
}

/** Not raised yet, at `stacks/hub` of a folder of its own; disposing removes all of it, the image of its back end too. */
export async function copyHub(): Promise<Hub> {
  const project = await TestProject.make('hub', '', '', path.join('stacks', 'hub'));
  const file = path.join(project.path, 'hub.env');
  const image = `${project.name}/backend:1`;
  await copyHubTo(project.path, project.instance, [`COMPOSE_PROJECT_NAME=${project.name}`, `BACKEND_IMAGE=${image}`]);

  const settings: Hub['settings'] = async () => parseEnv(await readFile(file, 'utf8'));
  const ask: Hub['ask'] = async (port, address, init = {}) => {
    const url = `http://127.0.0.1:${(await settings())[port]}${address}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000), ...init });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    project,
    settings,
    ask,
    async token(user) {
      const { BACKEND_CLIENT_SECRET = '', DEMO_PASSWORD = '' } = await settings();
      const body = new URLSearchParams({
        grant_type: 'password',
        client_id: 'dive-backend',
        client_secret: BACKEND_CLIENT_SECRET,
        username: user,
        password: DEMO_PASSWORD,
      });
      const reply = await ask('KEYCLOAK_PORT', '/realms/dive/protocol/openid-connect/token', { method: 'POST', body });
      return z.object({ access_token: z.string() }).parse(reply.body).access_token;
    },
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await docker('image', 'rm', image).catch(() => undefined);
    },
  };
}
