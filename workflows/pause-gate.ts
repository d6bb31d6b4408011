import { CancellationScope, condition, isCancellation, patched, setHandler } from '@temporalio/workflow';
import { pauseSignal, resumeSignal } from './messages.ts';

/** Lets nothing new begin while paused; what was begun goes on. Make it before the first await of the workflow. */
export class PauseGate {
  #paused = false;
  readonly #onPause = new Set<() => void>();

  constructor(onChange: (paused: boolean, by: string | undefined) => void) {
    setHandler(pauseSignal, (payload) => {
      if (this.#paused) return;
      this.#paused = true;
      onChange(true, payload?.by);
      for (const hear of this.#onPause) hear();
    });
    setHandler(resumeSignal, (payload) => {
      if (!this.#paused) return;
      this.#paused = false;
      onChange(false, payload?.by);
    });
  }

  get paused(): boolean {
    return this.#paused;
  }

  async pass(): Promise<void> {
    while (this.#paused) await condition(() => !this.#paused);
  }

  /**
   * Runs `start`; a pause cancels it, and it then gives those it had begun. Nobody, where no worker had taken it. A
   * cancellation from outside is not waited for.
   */
  async untilPaused<T>(start: () => Promise<readonly T[]>): Promise<readonly T[]> {
    const outer = CancellationScope.current();
    const scope = new CancellationScope();
    const end = (): void => {
      // Asked only now: histories of before, and those without a pause, are as they were.
      if (patched('a-pause-divides-a-group')) scope.cancel();
    };
    this.#onPause.add(end);
    try {
      return await Promise.race([scope.run(start), outer.cancelRequested]);
    } catch (error) {
      if (isCancellation(error) && scope.consideredCancelled && !outer.consideredCancelled) return [];
      throw error;
    } finally {
      this.#onPause.delete(end);
    }
  }
}
