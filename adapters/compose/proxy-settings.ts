// Proxies of the user's Docker configuration, which Compose puts into the environment of every container.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { commandEnvironment } from './compose-command.ts';
import type { ComposeSource } from '../../schema/spec.ts';

const Proxies = z.object({
  proxies: z
    .record(
      z.string(),
      z.object({
        httpProxy: z.string().optional(),
        httpsProxy: z.string().optional(),
        noProxy: z.string().optional(),
        ftpProxy: z.string().optional(),
        allProxy: z.string().optional(),
      }),
    )
    .optional(),
});

const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/** Names in upper and lower case; empty when there is no configuration, or none that can be read. */
export async function proxyVariables(source: ComposeSource): Promise<ReadonlyMap<string, string>> {
  const { DOCKER_CONFIG: folder, DOCKER_HOST: host = DEFAULT_HOST, HOME = '/' } = commandEnvironment(source);
  const file = path.join(folder ?? path.join(HOME, '.docker'), 'config.json');
  const config = await readFile(file, 'utf8').then(
    (text) => Proxies.safeParse(parse(text)).data,
    () => undefined,
  );
  const found = config?.proxies?.[host] ?? config?.proxies?.['default'] ?? {};
  const named = [
    ['HTTP_PROXY', found.httpProxy],
    ['HTTPS_PROXY', found.httpsProxy],
    ['NO_PROXY', found.noProxy],
    ['FTP_PROXY', found.ftpProxy],
    ['ALL_PROXY', found.allProxy],
  ] as const;
  return new Map(
    named.flatMap(([name, value]): [string, string][] =>
      value === undefined || value === ''
        ? []
        : [
            [name, value],
            [name.toLowerCase(), value],
          ],
    ),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Docker itself complains about it; here it only means no proxies.
    return undefined;
  }
}
