// A functional probe asked from this machine, where the port is published: no process is started in the container for
// it, which would cost more processor time than the question. Only a good answer counts: of any other the reason is
// asked inside.
import type { ServiceSpec } from '../../schema/spec.ts';
import { type Address, publishedPort } from './published-port.ts';
import type { Environment, ProbeTarget } from './probe.ts';

export interface Outside<Options> {
  /** What it did when it works: "wrote and read a row". */
  readonly did: string;
  /** Port of the container; undefined where it cannot be asked from here, e.g. for want of a password. */
  port(environment: Environment, options: Options): number | undefined;
  /** Does it really do its work? Rejects or says no for whatever reason; leaves nothing behind. */
  works(address: Address, environment: Environment, options: Options, signal: AbortSignal): Promise<boolean>;
}

/** One that works answers long before; the rest of the time belongs to the question inside. */
export const OUTSIDE_WITHIN_MS = 1000;

/** Never rejects for what a service does. @throws the reason of `target.signal` */
export async function worksFromOutside<Options>(
  outside: Outside<Options>,
  options: Options,
  environment: Environment,
  target: ProbeTarget,
): Promise<boolean> {
  // On the network of the host the server sees loopback, which PostgreSQL's image trusts whatever the password.
  if (target.container.networks.includes('host')) return false;
  const port = outside.port(environment, options);
  const address = port === undefined ? undefined : publishedPort(target.container, port);
  if (address === undefined) return false;
  const late = AbortSignal.timeout(OUTSIDE_WITHIN_MS);
  const signal = target.signal === undefined ? late : AbortSignal.any([late, target.signal]);
  const works = await outside.works(address, environment, options, signal).catch(() => false);
  target.signal?.throwIfAborted();
  return works;
}

/** Shells say it as `${NAME:-…}`: an empty value is as good as none. */
export function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

/** What the file sets; `NAME` without a value is not set in the container. */
export function environmentOf({ body }: Pick<ServiceSpec, 'body'>): Environment {
  const entries: unknown = body['Env'];
  if (!Array.isArray(entries)) return {};
  return Object.fromEntries(
    entries.map(String).flatMap((entry): [string, string][] => {
      const at = entry.indexOf('=');
      return at < 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)]];
    }),
  );
}
