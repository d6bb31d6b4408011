// What runs, in the words of a Compose file, as well as the engine's own answer tells it: for containers that nobody
// keeps a stored counterpart of, such as those of plain Compose. Pure.
import { z } from 'zod';
import type { ServiceSpec } from '../../schema/spec.ts';

const Texts = z.array(z.string()).nullish();
const Bindings = z
  .record(z.string(), z.array(z.object({ HostIp: z.string().optional(), HostPort: z.string().optional() })).nullish())
  .nullish();

/** The part of create bodies and of inspected containers that is compared. */
const Host = z.object({
  Binds: Texts,
  PortBindings: Bindings,
  RestartPolicy: z.object({ Name: z.string().nullish() }).nullish(),
  Privileged: z.boolean().nullish(),
});
const Config = z.object({
  Image: z.string(),
  Env: Texts,
  Cmd: Texts,
  Entrypoint: Texts,
  User: z.string().nullish(),
  WorkingDir: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
});
export const InspectedBody = z.object({ Image: z.string(), Config, HostConfig: Host });
export type InspectedBody = z.infer<typeof InspectedBody>;

/** What the image gives every container; empty when it is gone. */
export const ImageConfig = z.object({
  Config: Config.omit({ Image: true }).partial().nullish(),
});

export interface ComparedKeys {
  readonly before: Readonly<Record<string, unknown>>;
  readonly now: Readonly<Record<string, unknown>>;
}

/** Both sides in the same words. `image`: the config of the image the container was made from. */
export function comparedKeys(
  inspected: InspectedBody,
  service: ServiceSpec,
  image: z.infer<typeof ImageConfig> | undefined,
): ComparedKeys {
  const given = image?.Config ?? {};
  const wanted = { ...Config.parse(service.body), HostConfig: Host.parse(service.body.HostConfig) };
  const wantedEnv = pairs(wanted.Env);
  const fromImage = new Set(given.Env ?? []);
  // Without the image nobody can tell whose variable it is.
  const isOwn = (entry: string): boolean =>
    Object.hasOwn(wantedEnv, nameOf(entry)) || (image !== undefined && !fromImage.has(entry));
  const base = { ...inspected.Config, HostConfig: inspected.HostConfig };
  return {
    before: {
      ...keysOf(base),
      environment: pairs((base.Env ?? []).filter(isOwn)),
      labels: ownLabels(base.Labels, given.Labels),
    },
    now: {
      ...keysOf({
        ...wanted,
        Cmd: wanted.Cmd ?? (wanted.Entrypoint ? null : given.Cmd),
        Entrypoint: wanted.Entrypoint ?? given.Entrypoint,
        User: wanted.User || given.User,
        WorkingDir: wanted.WorkingDir || given.WorkingDir,
      }),
      environment: wantedEnv,
      labels: ownLabels(wanted.Labels, given.Labels),
    },
  };
}

function keysOf(body: Omit<z.infer<typeof Config>, 'Env' | 'Labels'> & { HostConfig: z.infer<typeof Host> }) {
  return {
    image: body.Image,
    command: emptyIsNone(body.Cmd),
    entrypoint: emptyIsNone(body.Entrypoint),
    user: body.User || undefined,
    working_dir: body.WorkingDir || undefined,
    ports: portsOf(body.HostConfig.PortBindings),
    volumes: (body.HostConfig.Binds ?? []).map((bind) => ({ target: bind.split(':')[1], bind })),
    restart: body.HostConfig.RestartPolicy?.Name || 'no',
    privileged: body.HostConfig.Privileged === true ? true : undefined,
  };
}

function emptyIsNone(words: readonly string[] | null | undefined): readonly string[] | undefined {
  return words === null || words === undefined || words.length === 0 ? undefined : words;
}

function portsOf(bindings: z.infer<typeof Bindings>): unknown[] {
  return Object.entries(bindings ?? {})
    .flatMap(([key, hosts]) => {
      const [target, protocol] = key.split('/');
      return (hosts ?? []).map((h) => ({
        host_ip: h.HostIp || undefined,
        published: h.HostPort || undefined,
        target,
        protocol,
      }));
    })
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Compose's own labels, ours and those of the image say nothing about the file. */
function ownLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
  ofImage: Readonly<Record<string, string>> | null | undefined,
): Record<string, string> {
  const image = new Map(Object.entries(ofImage ?? {}));
  return Object.fromEntries(
    Object.entries(labels ?? {}).filter(
      ([name, value]) =>
        !/^(com\.docker\.compose\.|dive\.(store|op|fence|spec-hash)$)/.test(name) && image.get(name) !== value,
    ),
  );
}

function pairs(env: readonly string[] | null | undefined): Record<string, string> {
  return Object.fromEntries((env ?? []).map((entry) => [nameOf(entry), entry]));
}

function nameOf(entry: string): string {
  return entry.split('=', 1)[0] ?? entry;
}
