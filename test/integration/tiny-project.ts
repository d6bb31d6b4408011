// A throw-away Compose project on the real engine: service specs of the test image, and removal of all of it.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Change } from '../../adapters/docker/change.ts';
import { createContainer } from '../../adapters/docker/create-container.ts';
import { inspectImage } from '../../adapters/docker/inspect.ts';
import { connectEngine, type Engine } from '../../adapters/docker/connect.ts';
import { startContainer } from '../../adapters/docker/start-container.ts';
import type { ServiceSpec } from '../../schema/spec.ts';
import { serviceSpec } from '../support/project-spec.ts';
import { TEST_IMAGE } from '../support/test-image.ts';

/** Sleeps until it is asked to end, and then ends at once. */
export const SLEEPS = 'trap "exit 0" TERM; while :; do sleep 0.1; done';

/** Id of the test image. */
export async function testImageId(engine: Engine): Promise<string> {
  const found = await inspectImage(engine, TEST_IMAGE);
  if (found === undefined) throw new Error('the test image is gone; the set-up of the run makes it');
  return found.id;
}

/** For a file's `beforeAll`: the engine of the run, and the id of the test image there. */
export async function testEngine(): Promise<{ engine: Engine; imageId: string }> {
  const engine = await connectEngine();
  return { engine, imageId: await testImageId(engine) };
}

export class TinyProject implements AsyncDisposable {
  readonly name = `t-${randomBytes(4).toString('hex')}`;
  readonly #imageId: string;
  readonly #operation: number;

  constructor(imageId: string, operation = 1) {
    this.#imageId = imageId;
    this.#operation = operation;
  }

  /** As `createContainer` wants it. */
  get resolved(): { imageId: string; containerIds: Record<string, string> } {
    return { imageId: this.#imageId, containerIds: {} };
  }

  change(operation = this.#operation, more: Partial<Change> = {}): Change {
    const labels = {
      'dive.test': this.name,
      'dive.store': 'test-store',
      'dive.op': String(operation),
      'dive.fence': String(operation),
    };
    return { guard: (call) => call(), labels, ...more };
  }

  /** A service of one container that runs `script` in a shell. */
  service(
    name: string,
    script: string,
    more: Partial<ServiceSpec> = {},
    body: Record<string, unknown> = {},
  ): ServiceSpec {
    const { HostConfig: hostConfig, ...rest } = body;
    return serviceSpec(name, {
      containers: [{ name: `${this.name}-${name}-1`, number: 1 }],
      image: TEST_IMAGE,
      body: {
        Image: TEST_IMAGE,
        Cmd: ['sh', '-c', script],
        Labels: {
          'com.docker.compose.project': this.name,
          'com.docker.compose.service': name,
          'com.docker.compose.oneoff': 'False',
        },
        HostConfig: { NetworkMode: 'none', ...(typeof hostConfig === 'object' ? hostConfig : {}) },
        ...rest,
      },
      endpoints: [],
      hashInput: JSON.stringify({ name, script }),
      ...more,
    });
  }

  /** Creates and starts the container of a service that has one. @returns its id */
  async raise(engine: Engine, service: ServiceSpec): Promise<string> {
    const id = await createContainer(engine, this.change(), service, first(service), this.resolved);
    await startContainer(engine, this.change(), id, service);
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const list = (args: string[]): string[] =>
      execFileSync('docker', [...args, '--filter', `label=dive.test=${this.name}`, '-q'], { encoding: 'utf8' })
        .split(/\s+/)
        .filter(Boolean);
    const containers = list(['ps', '-a']);
    if (containers.length > 0) execFileSync('docker', ['rm', '-fv', ...containers], { stdio: 'ignore' });
    const networks = list(['network', 'ls']);
    if (networks.length > 0) execFileSync('docker', ['network', 'rm', ...networks], { stdio: 'ignore' });
    const volumes = list(['volume', 'ls']);
    if (volumes.length > 0) execFileSync('docker', ['volume', 'rm', ...volumes], { stdio: 'ignore' });
  }
}

/** The container of a service that has one. */
export function first(service: ServiceSpec): ServiceSpec['containers'][number] {
  const [container] = service.containers;
  if (container === undefined) throw new Error(`${service.name} has no container`);
  return container;
}

/** Asks until it holds. @throws Error after `withinMs` */
export async function eventually<T>(ask: () => Promise<T | undefined | false>, withinMs = 10_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
