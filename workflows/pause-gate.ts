import { condition, setHandler } from '@temporalio/workflow';
import { pauseSignal, resumeSignal } from './messages.ts';

/** Lets nothing new begin while paused; what runs already goes on. Make it before the first await of the workflow. */
export class PauseGate {
  #paused = false;

  constructor(onChange: (paused: boolean, by: string | undefined) => void) {
    setHandler(pauseSignal, (payload) => {
      if (this.#paused) return;
      this.#paused = true;
      onChange(true, payload?.by);
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
}
