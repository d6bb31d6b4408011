import { ApplicationFailure } from '@temporalio/activity';
import { buildImages } from '../adapters/docker/build-images.ts';
import { credentialsFor, registryName } from '../adapters/docker/credentials.ts';
import { EngineFailure } from '../adapters/docker/engine-failure.ts';
import { inspectImage } from '../adapters/docker/inspect.ts';
import { pullImage, type PullProgress } from '../adapters/docker/pull-image.ts';
import { recordStep } from '../adapters/store/steps.ts';
import { composeArguments } from '../domain/compose-arguments.ts';
import type { OperationRef } from '../domain/deployment.ts';
import { mask } from '../domain/mask.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContexts, Site } from './operation-context.ts';

export interface ImageRequest extends OperationRef {
  readonly image: string;
  readonly how: 'pull' | 'build';
  readonly services: readonly string[];
  /** It must not be pulled, and is not here. */
  readonly never?: true;
}

/** Pulls or builds one image; every service that needs it waits for this one activity. */
export async function bringImage(site: Site, contexts: OperationContexts, request: ImageRequest): Promise<void> {
  const { engine, spec } = await contexts.get(request);
  const service = request.services[0] ?? '';
  const policy = spec.services.find((s) => s.name === service);
  const before = Date.now();
  await withHeartbeat(async (beat) => {
    const asked = `asks ${registryName(request.image)}`;
    beat.say({ service, ...(request.how === 'pull' ? { phase: 'pulling', answer: asked } : { phase: 'building' }) });
    if (request.how === 'build') {
      await buildImages(engine, {
        composeCommand: [...site.composeCommand, ...composeArguments(spec.source, spec.project)],
        cwd: spec.source.workingDir,
        env: { ...site.toolEnvironment, ...spec.source.environment },
        services: request.services,
        onProgress: (line) => beat.say({ service, phase: 'building', answer: mask(line, spec.secrets).slice(0, 200) }),
        signal: beat.signal,
      });
    } else if (request.never) {
      const next = ['Pull or build it by hand, or allow it: dive up --pull missing'];
      throw new EngineFailure('DIVE-1208', `${request.image} is not here, and must not be pulled`, {
        isFinal: true,
        next,
      });
    } else {
      await pullImage(engine, request.image, {
        platform: policy?.platform,
        auth: await credentialsFor(spec.source.environment['DOCKER_CONFIG'] || engine.configDir, request.image),
        onProgress: (p) => beat.say({ service, phase: 'pulling', answer: howFar(p) }),
        signal: beat.signal,
      });
    }
  });
  const info = await inspectImage(engine, request.image);
  if (!info)
    throw ApplicationFailure.nonRetryable(
      `${request.image} is not there after its ${request.how}`,
      'ImageUnavailable',
      { code: 'DIVE-1208', what: `${request.image} is not there after its ${request.how}`, service },
    );
  await recordStep(site.store, request.instance, request.fence, {
    step: `image:${request.image}`,
    details: { id: info.id, how: request.how, ms: Date.now() - before },
  });
}

/** "1 of 3 layers, 24 of 33 MB"; the sum grows while layers are discovered. */
function howFar({ layersDone, layers, bytes, totalBytes }: PullProgress): string {
  const megabytes = (count: number): number => Math.round(count / 1e6);
  return `${layersDone} of ${layers} layers, ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`;
}
