// What every activity of one operation needs: the frozen spec, an engine of its own (so that calls are counted per
// operation) and the way changes go through the fence. Kept in memory, made again by any other worker of the site.
import { type Engine, connectEngine } from '../adapters/docker/connect.ts';
import type { EngineChoice } from '../adapters/docker/engine-choice.ts';
import type { Change } from '../adapters/docker/change.ts';
import { type ImageInfo, inspectImage } from '../adapters/docker/inspect.ts';
import type { Store } from '../adapters/store/connect.ts';
import { withFence } from '../adapters/store/fence.ts';
import { storeId } from '../adapters/store/instances.ts';
import { adoptedStores, findOperation } from '../adapters/store/operations.ts';
import { getSpec } from '../adapters/store/read-spec.ts';
import { StoreFailure } from '../adapters/store/store-failure.ts';
import type { OperationRef } from '../domain/deployment.ts';
import { LABELS } from '../domain/names.ts';
import { Proofs } from './proofs.ts';
import type { ObservedProject } from '../schema/observed.ts';
import type { ProjectSpec } from '../schema/spec.ts';

export interface Site {
  readonly store: Store;
  readonly site: string;
  /** How Compose is called: `['docker', 'compose']` or a binary. */
  readonly composeCommand: readonly string[];
  /** Environment of tools that are run, e.g. `docker compose build`: PATH, HOME, proxies and certificates. */
  readonly toolEnvironment: Readonly<Record<string, string>>;
  /** The engine that the worker's environment names. */
  readonly engine: EngineChoice;
}

export interface OperationContext {
  readonly operation: OperationRef;
  readonly engine: Engine;
  readonly spec: ProjectSpec;
  readonly specDigest: string;
  readonly before: ObservedProject;
  /** As `inspectImage`; asked once, since what was brought for this operation stays. */
  image(reference: string): Promise<ImageInfo | undefined>;
  change(signal?: AbortSignal): Change;
  /** What is being proven, and was. */
  readonly proofs: Proofs;
  /** Aborted with `end`: nothing that goes forward outlives it. */
  readonly over: AbortSignal;
  /** It has ended, or is being taken back. */
  end(): void;
  /** Was it made by this operation? Another store may have an operation of the same name. */
  readonly isMine: (object: { readonly labels: Readonly<Record<string, string>> }) => boolean;
}

export class OperationContexts {
  readonly #site: Site;
  readonly #known = new Map<string, Promise<OperationContext>>();
  readonly #engines = new Map<string, Promise<Engine>>();
  #storeId: Promise<string> | undefined;

  constructor(site: Site) {
    this.#site = site;
  }

  /** The operation's own engine connection; its counts are the operation's calls. */
  engine(operation: OperationRef): Promise<Engine> {
    return remember(this.#engines, key(operation), () => connectEngine(this.#site.engine));
  }

  /** Needs a planned operation: its spec and what was there before. */
  get(operation: OperationRef): Promise<OperationContext> {
    return remember(this.#known, key(operation), () => this.#load(operation));
  }

  /** Forgets everything of an operation that ended. */
  forget(operation: OperationRef): void {
    this.#known.get(key(operation))?.then(
      (context) => context.end(),
      () => undefined,
    );
    this.#known.delete(key(operation));
    this.#engines.delete(key(operation));
  }

  async labels(operation: OperationRef): Promise<Record<string, string>> {
    const id = await (this.#storeId ??= storeId(this.#site.store));
    return {
      [LABELS.store]: id,
      [LABELS.operation]: `${operation.instance}/${operation.fence}`,
      [LABELS.fence]: String(operation.fence),
    };
  }

  async #load(operation: OperationRef): Promise<OperationContext> {
    const { store } = this.#site;
    const [engine, row, labels, adopted] = await Promise.all([
      this.engine(operation),
      findOperation(store, operation.instance, operation.fence),
      this.labels(operation),
      adoptedStores(store, operation.instance),
    ]);
    if (!row?.spec_digest || !row.before) {
      throw new StoreFailure('DIVE-1501', `operation ${operation.fence} of ${operation.instance} has no plan yet`);
    }
    const over = new AbortController();
    const images = new Map<string, Promise<ImageInfo | undefined>>();
    return {
      operation,
      engine,
      image: async (reference) => {
        const found = await remember(images, reference, () => inspectImage(engine, reference));
        if (found === undefined) images.delete(reference);
        return found;
      },
      spec: await getSpec(store, row.spec_digest),
      specDigest: row.spec_digest,
      proofs: new Proofs(over.signal),
      over: over.signal,
      end: () => over.abort(new Error('the operation has ended, or is being taken back')),
      before: row.before,
      isMine: (object) =>
        object.labels[LABELS.operation] === labels[LABELS.operation] &&
        object.labels[LABELS.store] === labels[LABELS.store],
      change: (signal) => ({
        labels,
        adopt: row.adopt || adopted,
        signal,
        guard: (call) => withFence(store, operation.instance, operation.fence, call),
      }),
    };
  }
}

function key(operation: OperationRef): string {
  return `${operation.instance}/${operation.fence}`;
}

function remember<T>(map: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const known = map.get(name);
  if (known) return known;
  const made = make();
  map.set(name, made);
  made.catch(() => map.delete(name));
  return made;
}
