// Which instances a call is about: those of dive.yaml, or the Compose project of the folder.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { findComposeFiles } from '../adapters/compose/find-files.ts';
import type { ComposeSource } from '../schema/spec.ts';
import type { Finding } from '../schema/finding.ts';
import type { Topology, TopologyInstance } from '../schema/topology.ts';
import type { CommandConfig } from './config.ts';
import { invalid } from './exit.ts';

export interface ComposeFlags {
  readonly file?: readonly string[];
  readonly envFile?: readonly string[];
  readonly profile?: readonly string[];
  readonly projectName?: string;
}

export interface Target {
  /** Code of the instance; undefined: the project's name decides, once it is known. */
  readonly code: string | undefined;
  /** Codes that the call named, where the project's name decides whether one of them is meant. */
  readonly named: readonly string[];
  readonly role: 'hub' | 'spoke';
  readonly site: string;
  readonly source: ComposeSource;
  readonly topologyFile: string | undefined;
  /** Variables made once when missing. */
  readonly generate: readonly string[];
}

const TOPOLOGY_FILE = 'dive.yaml';

/** @throws CommandFailure with every finding when neither a topology nor a Compose file can be read. */
export async function findTargets(
  config: CommandConfig,
  flags: ComposeFlags,
  codes: readonly string[],
): Promise<Target[]> {
  const file = join(config.folder, TOPOLOGY_FILE);
  const named = (flags.file ?? []).length > 0;
  if (!named && existsSync(file)) return fromTopology(config, file, flags, codes);
  const found = await findComposeFiles({
    folder: config.folder,
    environment: config.environment,
    files: flags.file ?? [],
    envFiles: flags.envFile ?? [],
    profiles: flags.profile ?? [],
    ...(flags.projectName === undefined ? {} : { projectName: flags.projectName }),
  });
  if (found.kind === 'missing') throw invalid([found.finding]);
  return [
    {
      code: undefined,
      named: codes,
      role: 'hub',
      site: 'local',
      source: found.source,
      topologyFile: undefined,
      generate: [],
    },
  ];
}

async function readTopology(file: string): Promise<Topology> {
  const [{ LineCounter, parseDocument }, { Topology }] = await Promise.all([
    import('yaml'),
    import('../schema/topology.ts'),
  ]);
  const text = await readFile(file, 'utf8');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken)
    throw invalid([
      {
        code: 'DIVE-1101',
        file,
        line: lines.linePos(broken.pos[0]).line,
        message: broken.message.split('\n')[0] ?? '',
      },
    ]);
  const parsed = Topology.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.map((issue): Finding => {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
      const path = [...issue.path.filter((p) => typeof p !== 'symbol'), ...unknown.slice(0, 1)];
      const node: unknown =
        path.length === 0 ? undefined : (document.getIn(path, true) ?? document.getIn(path.slice(0, -1), true));
      const range =
        typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
          ? Number(node.range[0])
          : undefined;
      return {
        code: 'DIVE-1104',
        file,
        ...(range === undefined ? {} : { line: lines.linePos(range).line }),
        path: path.join('.'),
        message: unknown.length > 0 ? `no field is called ${unknown.join(', ')}` : said(path, issue.message),
      };
    }),
  );
}

function said(path: readonly (string | number)[], message: string): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

async function fromTopology(
  config: CommandConfig,
  file: string,
  flags: ComposeFlags,
  codes: readonly string[],
): Promise<Target[]> {
  const topology = await readTopology(file);
  const all = [
    ...(topology.hub ? [{ role: 'hub' as const, instance: topology.hub }] : []),
    ...(topology.spokes ?? []).map((instance) => ({ role: 'spoke' as const, instance })),
  ];
  const unknown = codes.filter((c) => !all.some((a) => a.instance.code === c));
  if (unknown.length > 0) {
    const known = all.map((a) => a.instance.code).join(', ');
    throw invalid([
      { code: 'DIVE-1001', file, message: `dive.yaml has no instance ${unknown.join(', ')}; it has ${known}` },
    ]);
  }
  const wanted = codes.length === 0 ? all : all.filter((a) => codes.includes(a.instance.code));
  const targets: Target[] = [];
  for (const { role, instance } of wanted) {
    const source = await sourceOf(config, dirname(file), flags, instance);
    targets.push({
      code: instance.code,
      named: [],
      role,
      site: instance.site ?? 'local',
      source,
      topologyFile: file,
      generate: instance.generate ?? [],
    });
  }
  return targets;
}

async function sourceOf(
  config: CommandConfig,
  folder: string,
  flags: ComposeFlags,
  instance: TopologyInstance,
): Promise<ComposeSource> {
  const files = (typeof instance.compose === 'string' ? [instance.compose] : instance.compose).map((f) =>
    resolve(folder, f),
  );
  const envFiles = (flags.envFile ?? instance.envFiles ?? []).map((f) =>
    resolve(flags.envFile ? config.folder : folder, f),
  );
  const found = await findComposeFiles({
    folder,
    environment: config.environment,
    files,
    envFiles: envFiles.filter((f) => existsSync(f) || !instance.generate),
    profiles: flags.profile ?? instance.profiles ?? [],
    ...(flags.projectName === undefined ? {} : { projectName: flags.projectName }),
  });
  if (found.kind === 'missing') throw invalid([found.finding], instance.code);
  return instance.generate && envFiles.length > 0 ? { ...found.source, envFiles } : found.source;
}
