// The functional probes there are, each under the name `x-dive.probes` calls it by.
import type { FunctionalOption, ProbeResult } from '../../schema/probe.ts';
import type { ServiceSpec } from '../../schema/spec.ts';
import { duration } from './evidence.ts';
import type { Functional } from './functional.ts';
import { keycloak } from './keycloak.ts';
import { opa } from './opa.ts';
import { environmentOf, worksFromOutside } from './outside.ts';
import { postgres } from './postgres.ts';
import type { Environment, Probe, ProbeTarget } from './probe.ts';
import { redis } from './redis.ts';
import { runsServer } from './runs-server.ts';

type Name = keyof FunctionalOption;
type FunctionalProbe = Extract<Probe, { kind: 'functional' }>;

const KINDS: { readonly [N in Name]: Functional<FunctionalOption[N]> } = { postgres, redis, keycloak, opa };

const NAMES: readonly Name[] = ['postgres', 'redis', 'keycloak', 'opa'];

/** The probe of one kind with its options, which must be of that kind. Without `environment` it is asked inside. */
export function functionalProbe<N extends Name>(
  name: N,
  options: FunctionalOption[N],
  environment: Environment = {},
): FunctionalProbe {
  const kind: Functional<FunctionalOption[N]> = KINDS[name];
  const description = kind.description(options);
  return { kind: 'functional', level: 4, timeoutMs: kind.timeoutMs, description, name, options, environment };
}

/** What the server of a known image gets without being told; undefined for any other, and for a client of it. */
export function functionalProbeOf(service: Pick<ServiceSpec, 'image' | 'body'>): FunctionalProbe | undefined {
  const name = NAMES.find((n) => KINDS[n].isImage(service.image) && runsServer(service, KINDS[n].programs));
  return name === undefined ? undefined : functionalProbe(name, {}, environmentOf(service));
}

/** From outside where that proves it, else inside. @throws what `target.exec` throws, or the reason of `target.signal` */
export async function askFunctional(
  { name, options, environment = {}, timeoutMs }: FunctionalProbe,
  target: ProbeTarget,
): Promise<Omit<ProbeResult, 'latencyMs'>> {
  const own: Functional<never> = KINDS[name];
  // Made by functionalProbe, which takes name and options together.
  const kind = own as Functional<unknown>;
  const { outside } = kind;
  if (outside === undefined) return kind.ask(options, timeoutMs, target);
  const begun = performance.now();
  const works = await worksFromOutside(outside, options, environment, target);
  const tookMs = Math.round(performance.now() - begun);
  if (works) return { level: 4, ok: true, evidence: `${outside.did} in ${duration(tookMs)}` };
  return kind.ask(options, timeoutMs - tookMs, target);
}
