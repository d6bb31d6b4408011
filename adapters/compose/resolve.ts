// A user's Compose files → the frozen spec of the project, or everything that is wrong with them.
import path from 'node:path';
import type { Finding } from '../../schema/finding.ts';
import type { JsonMap } from '../../schema/ordered-json.ts';
import type { ComposeSource, Dependency, ProjectSpec } from '../../schema/spec.ts';
import { missingFiles } from './check-files.ts';
import { checkKeys } from './check-keys.ts';
import { portClashes } from './check-ports.ts';
import { serviceProblems } from './check-services.ts';
import { errorFinding, isCycle, readStderr, warningFinding } from './command-errors.ts';
import { runCompose, type CommandResult } from './compose-command.ts';
import { lintServices } from './lint.ts';
import { readModel, type ProjectModel } from './model.ts';
import { placeFindings } from './place-findings.ts';
import { firstSyntaxError, readYamlFiles } from './positions.ts';
import { readRawModel } from './raw-model.ts';
import { asMap, textsAt } from './read.ts';
import { textsToMask } from './masks.ts';
import { networkSpecs, volumeSpecs } from './objects.ts';
import { proxyVariables } from './proxy-settings.ts';
import { type ComposeAnswers, readSource } from './read-source.ts';
import { serviceOptions } from './service-options.ts';
import { dependenciesOf, translateService } from './translate-service.ts';
import { usedEnvironment, wordsOf } from './variables.ts';

export interface ResolveRequest {
  /** `['docker', 'compose']` or the path of the binary. */
  readonly composeCommand: readonly string[];
  readonly source: ComposeSource;
  /** Of the engine that will run it; without it nothing newer than 1.41 is taken for granted. Awaited late. */
  readonly engineApiVersion?: string | Promise<string | undefined>;
  /** What Compose was already asked about this source; asked now when it is not given. */
  readonly answers?: Promise<ComposeAnswers>;
}

export interface CyclicService {
  readonly name: string;
  readonly dependsOn: readonly Dependency[];
}

export type ResolveResult =
  | { readonly kind: 'resolved'; readonly project: ProjectSpec; readonly warnings: readonly Finding[] }
  | { readonly kind: 'invalid'; readonly findings: readonly Finding[] }
  /** The services with their dependencies, so that the caller can name every circle. */
  | { readonly kind: 'cyclic'; readonly services: readonly CyclicService[]; readonly files: readonly string[] };

/** Reads, checks and translates. Touches no engine and no registry; never throws for what a file may hold. */
export async function resolveProject(request: ResolveRequest): Promise<ResolveResult> {
  const { source } = request;
  const { config, notInterpolated, environment, version } = await (request.answers ??
    readSource(request.composeCommand, source));
  if (config.missing !== undefined)
    return { kind: 'invalid', findings: [{ code: 'DIVE-1605', message: config.missing }] };
  const words = readStderr(config.stderr);
  if (config.exitCode !== 0 && isCycle(words.error))
    return cyclic(
      await runCompose(request.composeCommand, source, ['config', '--no-consistency', '--format', 'json']),
      source,
    );
  if (config.exitCode !== 0) return invalid([errorFinding(words.error, source.files)], source);

  const model = readModel(config.stdout);
  const variables = new Map([...environment, ['COMPOSE_PROJECT_NAME', model.name]]);
  const variable = (name: string): string | undefined => variables.get(name);
  const raw = await readRawModel(notInterpolated, source.files, variable);
  const { options, findings } = serviceOptions(raw.services, model.services);
  const keys = checkKeys(model, await request.engineApiVersion);
  const problems = [
    ...findings,
    ...keys.refused,
    ...serviceProblems(model),
    ...portClashes(model),
    ...(await missingFiles(model, source.workingDir, variable)),
  ];
  if (problems.length > 0) return invalid(problems, source);

  const proxies = await proxyVariables(source);
  const usedWords = await wordsOf(source, raw);
  const context = {
    project: model.name,
    composeVersion: version,
    source: { ...source, environment: usedEnvironment(source.environment, usedWords) },
    model,
    variable,
    labelFiles: labelFilesOf(raw.services, source.workingDir),
    options,
    proxies,
  };
  const project: ProjectSpec = {
    version: 1,
    project: model.name,
    composeVersion: version,
    source: context.source,
    services: [...model.services].map(([name, service]) => translateService(name, asMap(service), context)),
    networks: networkSpecs(model, context),
    volumes: volumeSpecs(model, context),
    secrets: await textsToMask(model, raw, variables, proxies),
  };
  const warnings = [...words.warnings.map(warningFinding), ...keys.warned, ...lintServices(model, raw.services)];
  return { kind: 'resolved', project, warnings: warnings.map((finding) => withFile(finding, source)) };
}

function cyclic(result: CommandResult, source: ComposeSource): Promise<ResolveResult> | ResolveResult {
  if (result.exitCode !== 0) return invalid([errorFinding(readStderr(result.stderr).error, source.files)], source);
  const model: ProjectModel = readModel(result.stdout);
  const services = [...model.services].map(([name, service]) => ({ name, dependsOn: dependenciesOf(asMap(service)) }));
  return { kind: 'cyclic', services, files: source.files };
}

/** Positions are looked up only now: a file without errors needs no second parser. */
async function invalid(findings: readonly Finding[], source: ComposeSource): Promise<ResolveResult> {
  const broken = findings.some((f) => f.code === 'DIVE-1101')
    ? firstSyntaxError(await readYamlFiles(source.files))
    : undefined;
  const placed = await placeFindings(findings, source.files);
  return {
    kind: 'invalid',
    findings: placed.map((finding) =>
      finding.code === 'DIVE-1101' && broken
        ? { ...finding, file: broken.file, line: broken.line }
        : withFile(finding, source),
    ),
  };
}

function withFile(finding: Finding, source: ComposeSource): Finding {
  const [first] = source.files;
  return finding.file !== undefined || first === undefined ? finding : { ...finding, file: first };
}

/** Absolute, as Compose hashes them. */
function labelFilesOf(rawServices: JsonMap, workingDir: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...rawServices].map(([name, service]) => {
      const written = asMap(service).get('label_file');
      const files = typeof written === 'string' ? [written] : (textsAt(asMap(service), 'label_file') ?? []);
      return [name, files.map((file) => path.resolve(workingDir, file))];
    }),
  );
}
