// What would fail only half way through: asked before anything is touched, by reading calls alone.
import { LABELS } from '../../domain/names.ts';
import { rebuiltNetworks } from '../../domain/object-changes.ts';
import type { Finding } from '../../schema/finding.ts';
import type { ProjectSpec } from '../../schema/spec.ts';
import { type Adopt, isTakenOver } from './change.ts';
import type { Engine } from './connect.ts';
import { engineInfo, isRoomEnough } from './engine-info.ts';
import { orNothing } from './inspect.ts';
import { inspectNetwork } from './network-changes.ts';
import { processOnPort } from './port-process.ts';
import { hostPortFree, type PortHolder, portHolders } from './ports.ts';
import { part, send } from './request.ts';
import { effectiveHealthCheck, type Survey } from './survey.ts';

export interface PreflightOptions {
  /** Store whose objects are ours; absent when unknown (a plan without a server). */
  readonly storeId?: string;
  readonly adopt: Adopt;
}

/** All findings, none thrown, but for an engine that does not answer. */
export async function preflight(
  engine: Engine,
  project: ProjectSpec,
  survey: Survey,
  options: PreflightOptions,
): Promise<Finding[]> {
  const [space, ports, outside, strangers] = await Promise.all([
    diskSpace(engine),
    publishedPorts(engine, project),
    externals(engine, project),
    attachedStrangers(engine, project, survey),
  ]);
  return [
    ...space,
    ...ports,
    ...outside,
    ...strangers,
    ...foreign(survey, options),
    ...healthConditions(project, survey),
    ...noCommand(project, survey),
  ];
}

async function diskSpace(engine: Engine): Promise<Finding[]> {
  const info = await engineInfo(engine);
  if (!info.space) return [];
  const { freeBytes, totalBytes } = info.space;
  if (isRoomEnough(info.space)) return [];
  const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  return [
    {
      code: 'DIVE-1112',
      message: `only ${gb(freeBytes)} of ${gb(totalBytes)} are free on ${info.dataRoot}, where the engine keeps its data`,
    },
  ];
}

interface Published {
  readonly service: string;
  readonly hostIp: string;
  readonly port: number;
  readonly protocol: string;
}

function published(project: ProjectSpec): Published[] {
  return project.services.flatMap((s) => {
    const bindings = s.body.HostConfig['PortBindings'];
    if (typeof bindings !== 'object' || bindings === null) return [];
    return Object.entries(bindings).flatMap(([key, list]) =>
      (Array.isArray(list) ? list : []).flatMap((b: { HostIp?: string; HostPort?: string }): Published[] =>
        b.HostPort && /^\d+$/.test(b.HostPort) && b.HostPort !== '0'
          ? [
              {
                service: s.name,
                hostIp: b.HostIp ?? '',
                port: Number(b.HostPort),
                protocol: key.split('/')[1] ?? 'tcp',
              },
            ]
          : [],
      ),
    );
  });
}

const EVERY_ADDRESS = new Set(['', '0.0.0.0', '::']);

function clash(want: Published, has: PortHolder): boolean {
  const overlaps = EVERY_ADDRESS.has(want.hostIp) || EVERY_ADDRESS.has(has.hostIp) || want.hostIp === has.hostIp;
  return want.port === has.hostPort && want.protocol === has.protocol && overlaps;
}

async function publishedPorts(engine: Engine, project: ProjectSpec): Promise<Finding[]> {
  const wanted = published(project);
  if (wanted.length === 0) return [];
  const holders = await portHolders(engine);
  const findings = await Promise.all(
    wanted.map(async (want): Promise<Finding[]> => {
      const holder = holders.find((h) => clash(want, h));
      if (holder?.project === project.project) return [];
      const path = `services.${want.service}.ports`;
      const where = `port ${want.port} of ${want.service}`;
      if (holder) {
        const whose = holder.project ? ` of project ${holder.project}` : '';
        return [{ code: 'DIVE-1111', path, message: `${where} is held by container ${holder.container}${whose}` }];
      }
      if (!engine.local || want.protocol !== 'tcp' || (await hostPortFree(want.hostIp, want.port))) return [];
      const stranger = await processOnPort(want.port);
      const who = stranger
        ? `${stranger.name} (process ${stranger.pid})`
        : `a process of this machine: ss -ltnp 'sport = :${want.port}'`;
      return [{ code: 'DIVE-1111', path, message: `${where} is held by ${who}` }];
    }),
  );
  return findings.flat();
}

async function externals(engine: Engine, project: ProjectSpec): Promise<Finding[]> {
  const ask = async (kind: 'networks' | 'volumes', key: string, name: string): Promise<Finding[]> => {
    const found = await orNothing(send(engine, { method: 'GET', path: `/${kind}/${part(name)}` }));
    if (found !== undefined) return [];
    const what = kind === 'networks' ? 'network' : 'volume';
    return [
      {
        code: 'DIVE-1003',
        path: `${kind}.${key}`,
        message: `the external ${what} ${name} does not exist: docker ${what} create ${name}`,
      },
    ];
  };
  const findings = await Promise.all([
    ...project.networks.filter((n) => n.external).map((n) => ask('networks', n.key, n.name)),
    ...project.volumes.filter((v) => v.external).map((v) => ask('volumes', v.key, v.name)),
  ]);
  return findings.flat();
}

/** A network that is made anew would cut off whoever is no service of the project. */
async function attachedStrangers(engine: Engine, project: ProjectSpec, survey: Survey): Promise<Finding[]> {
  const services = new Set(project.services.map((s) => s.name));
  const own = new Set(survey.observed.containers.filter((c) => services.has(c.service)).map((c) => c.id));
  const findings = await Promise.all(
    rebuiltNetworks(project, survey.observed).map(async ({ key, name }): Promise<Finding[]> => {
      const attached = Object.entries((await inspectNetwork(engine, name))?.Containers ?? {});
      const strangers = attached.filter(([id]) => !own.has(id)).map(([, c]) => c.Name);
      if (strangers.length === 0) return [];
      const verb =
        strangers.length === 1 ? 'is attached to it and is no service' : 'are attached to it and are no services';
      const message = `the network ${name} must be made anew, but ${strangers.join(', ')} ${verb} of these files`;
      return [{ code: 'DIVE-1113', path: `networks.${key}`, message }];
    }),
  );
  return findings.flat();
}

function foreign(survey: Survey, options: PreflightOptions): Finding[] {
  if (options.storeId === undefined) return [];
  const all = [...survey.observed.containers, ...survey.observed.networks, ...survey.observed.volumes];
  return all
    .filter((o) => o.labels[LABELS.store] !== undefined && o.labels[LABELS.store] !== options.storeId)
    .filter((o) => !isTakenOver(options.adopt, o.labels))
    .map((o) => ({
      code: 'DIVE-1008' as const,
      message: `${o.name} was made by another dive (store ${o.labels[LABELS.store] ?? ''}): --adopt takes it over`,
    }));
}

/** Compose finds this only after it has started half of the project. */
function healthConditions(project: ProjectSpec, survey: Survey): Finding[] {
  const specs = new Map(project.services.map((s) => [s.name, s]));
  return project.services.flatMap((s) =>
    s.dependsOn.flatMap((d): Finding[] => {
      const on = specs.get(d.service);
      const image = on && survey.images.get(on.image);
      // Without the image nothing is known of its check yet; the plan made after the pull asks again.
      if (!on || d.condition !== 'service_healthy' || image === undefined || effectiveHealthCheck(on, image)) return [];
      return [
        {
          code: 'DIVE-1105',
          path: `services.${s.name}.depends_on.${d.service}`,
          message: `${s.name} waits until ${d.service} is healthy, but ${d.service} has no health check`,
        },
      ];
    }),
  );
}

function noCommand(project: ProjectSpec, survey: Survey): Finding[] {
  return project.services.flatMap((s): Finding[] => {
    const image = survey.images.get(s.image);
    const given = [s.body['Cmd'], s.body['Entrypoint']].some((v) => Array.isArray(v) && v.length > 0);
    if (!image || image.hasCommand || given) return [];
    return [
      {
        code: 'DIVE-1105',
        path: `services.${s.name}.command`,
        message: `neither ${s.name} nor its image ${s.image} has a command`,
      },
    ];
  });
}
