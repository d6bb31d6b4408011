// A probe is data: one question to one service. `askProbe` (ask.ts) puts it.
import type { ContainerState } from '../../schema/observed.ts';
import type { ExecAnswer, FunctionalOption, ProbeLevel } from '../../schema/probe.ts';

/** Variables of a service's containers, as its file sets them; those of the image are not known here. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface HttpQuestion {
  /** Port of the container. */
  readonly port: number;
  readonly path: string;
  /** Right status codes; empty means 200 to 399. */
  readonly statuses: readonly number[];
  readonly contains?: string;
}

interface Common {
  readonly level: ProbeLevel;
  readonly timeoutMs: number;
  /** One line for the plan: "HTTP /health on port 8080". */
  readonly description: string;
}

export type Probe = Common &
  (
    | ({ readonly kind: 'http' } & HttpQuestion)
    | { readonly kind: 'tcp'; readonly port: number }
    | {
        readonly kind: 'exec';
        readonly argv: readonly string[];
        /** It is Docker's own check too: Docker's `healthy` is as good as this probe's. */
        readonly ownCheck: boolean;
        /** The same question by HTTP: cheaper, so asked first; the command confirms. */
        readonly cheaper?: HttpQuestion;
      }
    | {
        readonly kind: 'functional';
        readonly name: keyof FunctionalOption;
        readonly options: unknown;
        /** Of the service, for the question from outside; holds its passwords, so it is shown nowhere. */
        readonly environment?: Environment | undefined;
      }
    /** Any published port answers, or it ran for `settleMs`, or for `idleMs` and is idle. Without ports only the latter. */
    | {
        readonly kind: 'running';
        readonly ports: readonly number[];
        readonly settleMs: number;
        readonly idleMs?: number;
      }
  );

/** Runs a command in the container that is asked. */
export type Exec = (argv: readonly string[], options: { readonly timeoutMs: number }) => Promise<ExecAnswer>;

export interface ProbeTarget {
  /** As inspected now or a moment ago. */
  readonly container: ContainerState;
  readonly exec: Exec;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly nowMs: number;
  /** 0 for the first try of this probe. */
  readonly attempt: number;
  /** It was measured: it runs and does next to nothing. @default false */
  readonly idle?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}
