// Docker's own health checks, heard as events: flapping told from one bad moment. Pure.

/** Healthy, sick, healthy, sick: the same number as for our own probes (verdict.ts). */
const FLAP_CHANGES = 3;

/** Counts the changes of each container's health since it was healthy first. */
export class HealthTurns {
  readonly #known = new Map<string, { healthy: boolean; changes: number }>();

  /** Hears the container's health; true when it flaps, with this change. */
  flaps(containerId: string, healthy: boolean): boolean {
    const before = this.#known.get(containerId);
    if (before === undefined) {
      // Sick before it was ever healthy is slowness.
      if (healthy) this.#known.set(containerId, { healthy, changes: 0 });
      return false;
    }
    if (before.healthy === healthy) return false;
    const changes = before.changes + 1;
    this.#known.set(containerId, { healthy, changes });
    return changes >= FLAP_CHANGES;
  }
}
