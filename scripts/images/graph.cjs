// Runs tasks that need each other, as many at once as the cores bear, the one with the longest way behind it first.
const os = require('node:os');

// One more than there are cores: most of a task is waiting for a mirror.
const LANES = Math.max(2, os.availableParallelism()) + 1;

/**
 * @typedef {{ id: string, title: string, needs: string[], seconds: number, run: () => Promise<void> }} Task
 *   needs: ids; what is not among the tasks counts as done. seconds: expected, for the order only.
 * @typedef {{ task: Task, error: Error }} Failed
 */

/** Expected seconds from the start of each task to the end of the last that needs it. */
function waysBehind(tasks) {
  const known = new Map();
  const way = (task) => {
    if (!known.has(task.id)) {
      const after = tasks.filter((t) => t.needs.includes(task.id)).map(way);
      known.set(task.id, task.seconds + Math.max(0, ...after));
    }
    return known.get(task.id);
  };
  for (const task of tasks) way(task);
  return known;
}

/**
 * Runs all that can be run: a task that fails stops only those that need it. Gives the failures.
 * @param {Task[]} tasks without circles
 * @param {{ lanes?: number, started?: (t: Task) => void, ended?: (t: Task, ms: number, error?: Error) => void }} options
 * @returns {Promise<Failed[]>}
 */
async function runGraph(tasks, { lanes = LANES, started = () => {}, ended = () => {} } = {}) {
  const way = waysBehind(tasks);
  const waiting = tasks.toSorted((a, b) => way.get(b.id) - way.get(a.id));
  const unfinished = new Set(tasks.map((t) => t.id));
  /** @type {Failed[]} */
  const failed = [];
  const running = new Map();
  const start = (task) => {
    waiting.splice(waiting.indexOf(task), 1);
    started(task);
    const startedAt = Date.now();
    const end = (error) => {
      running.delete(task.id);
      // What failed stays unfinished, so that nothing that needs it is started.
      if (error) failed.push({ task, error });
      else unfinished.delete(task.id);
      ended(task, Date.now() - startedAt, error);
    };
    running.set(
      task.id,
      task.run().then(() => end(), end),
    );
  };
  for (;;) {
    const ready = waiting.filter((t) => t.needs.every((n) => !unfinished.has(n)));
    for (const task of ready.slice(0, lanes - running.size)) start(task);
    if (running.size === 0) return failed;
    await Promise.race(running.values());
  }
}

module.exports = { runGraph };
