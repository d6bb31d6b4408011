import { readFile } from 'node:fs/promises';
import { type ComposeAnswers, readSource } from '../adapters/compose/read-source.ts';
import { findCycles } from '../domain/graph.ts';
import { codeOfProject } from '../domain/names.ts';
import type { Finding } from '../schema/finding.ts';
import type { ProjectSpec } from '../schema/spec.ts';
import { CommandFailure, invalid } from './exit.ts';
import { missingNames } from './generate.ts';
import type { Target } from './targets.ts';

/** How Compose is called here. */
export interface ComposeTool {
  readonly command: readonly string[];
  /** When it was asked before. */
  readonly version: string | undefined;
  /** Keeps what was asked now. */
  learnt(version: string): void;
}

export interface ResolvedTarget extends Target {
  readonly code: string;
  readonly project: ProjectSpec;
  readonly warnings: readonly Finding[];
  /** Variables that up must generate first: the project was read with placeholders. */
  readonly toGenerate: readonly string[];
}

/** Compose reads the target's files, in processes of its own. */
export interface Reading {
  readonly target: Target;
  readonly compose: ComposeTool;
  readonly source: Target['source'];
  readonly answers: Promise<ComposeAnswers>;
  readonly toMake: readonly string[];
}

/** Reads the target's files. @throws CommandFailure (exit 7, or 6 when Compose is missing) with every finding. */
export async function resolveTarget(
  target: Target,
  compose: ComposeTool,
  engineApiVersion?: string | Promise<string | undefined>,
): Promise<ResolvedTarget> {
  return finishReading(await beginReading(target, compose), engineApiVersion);
}

/** Resolves when Compose has begun: whatever takes this process long belongs behind it. */
export async function beginReading(target: Target, compose: ComposeTool): Promise<Reading> {
  const named = await withProjectName(target);
  // What will be generated is not there yet; reading the files must not fail for it, and writes nothing.
  const toMake = await missingNames(named, target.generate);
  const source = {
    ...named,
    environment: { ...named.environment, ...Object.fromEntries(toMake.map((n) => [n, 'generated'])) },
  };
  return { target, compose, source, toMake, answers: readSource(compose.command, source, compose.version) };
}

/** @throws CommandFailure (exit 7, or 6 when Compose is missing) with every finding. */
export async function finishReading(
  { target, compose, source, answers, toMake }: Reading,
  engineApiVersion?: string | Promise<string | undefined>,
): Promise<ResolvedTarget> {
  const { resolveProject } = await import('../adapters/compose/resolve.ts');
  const result = await resolveProject({
    composeCommand: compose.command,
    source,
    answers,
    ...(engineApiVersion === undefined ? {} : { engineApiVersion }),
  });
  if (compose.version === undefined) compose.learnt((await answers).version);
  switch (result.kind) {
    case 'invalid':
      throw invalid(result.findings, target.code);
    case 'cyclic':
      throw cycleFailure(result.services, result.files);
    case 'resolved': {
      const code = target.code ?? codeOfProject(result.project.project);
      refuseOthers(target, code);
      return {
        ...target,
        code,
        project: result.project,
        warnings: result.warnings,
        toGenerate: toMake,
      };
    }
  }
}

function refuseOthers(target: Target, code: string): void {
  const unknown = target.named.filter((n) => n.toUpperCase() !== code);
  if (unknown.length === 0) return;
  throw invalid([
    { code: 'DIVE-1001', message: `there is no instance ${unknown.join(', ')}: the project of this folder is ${code}` },
  ]);
}

/** An instance of dive.yaml whose file has no `name:` is the project `dive-<code>`. */
async function withProjectName(target: Target): Promise<Target['source']> {
  if (target.code === undefined || target.source.projectName !== undefined) return target.source;
  for (const file of target.source.files) if (await hasName(file)) return target.source;
  return { ...target.source, projectName: `dive-${target.code.toLowerCase()}` };
}

async function hasName(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  // At the beginning of a line it is a key of the file itself; most have it there, and need not be parsed for it.
  if (/^name[ \t]*:/m.test(text)) return true;
  const { parse } = await import('yaml');
  try {
    const document: unknown = parse(text);
    return typeof document === 'object' && document !== null && 'name' in document;
  } catch {
    // What is wrong with it, Compose says.
    return false;
  }
}

function cycleFailure(services: Parameters<typeof findCycles>[0], files: readonly string[]): CommandFailure {
  const { cycles, cuts } = findCycles(services);
  const circle = (names: readonly string[]): string => [...names, names[0] ?? ''].join(' → ');
  const count = cycles.length === 1 ? 'a circle of dependencies' : `${cycles.length} circles of dependencies`;
  return new CommandFailure(
    { code: 'DIVE-1108', what: `cannot start: ${count}`, why: cycles.map((c) => circle(c.services)) },
    {
      findings: cycles.map((c) => ({
        code: 'DIVE-1108',
        ...(files[0] === undefined ? {} : { file: files[0] }),
        path: `services.${c.services[0] ?? ''}.depends_on`,
        message: circle(c.services),
      })),
      now: ['nothing was touched'],
      next: cuts.map((c) => `cut ${c.from} → ${c.to}: ${c.ends === 1 ? 'that circle ends' : `${c.ends} circles end`}`),
    },
  );
}
