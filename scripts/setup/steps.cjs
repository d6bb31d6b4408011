// Runs the steps of the set-up: first says all it will bring, then brings it, one line each with its time.
const fs = require('node:fs');
const path = require('node:path');
const { programOf, diveHome, until } = require('./machine.cjs');

/**
 * `later`: it depends on an earlier step whether it is needed.
 * @typedef {{ state: 'there' | 'later' } | { state: 'wanted', what: string } | { state: 'missing', what: string, command: string }} Check
 * `doing`: what it is about, for the line that is said every 5 s.
 * @typedef {{ title: string, check: () => Promise<Check>, bring: () => Promise<void>, doing?: () => string }} Step
 */

const say = (line) => process.stderr.write(`${line}\n`);
const seconds = (ms) => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;

/** One set-up at a time for one user: two `npm ci` in one folder destroy each other. */
async function withLock(work) {
  const file = path.join(diveHome(), 'setup.lock');
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  let told = false;
  const take = () => {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(fs.readFileSync(file, 'utf8'));
      if (programOf(owner) !== path.basename(process.execPath)) fs.rmSync(file, { force: true });
      else if (!told) say(`set-up: another one is at work (process ${owner}); waiting for it`);
      told = true;
      return false;
    }
  };
  if (!(await until(async () => take(), 900_000, 200))) throw new Error(`${file} was held for 15 minutes`);
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function sayMissing(missing, sofar) {
  say(`set-up: this machine lacks what cannot be brought without you; ${sofar}`);
  for (const m of missing) say(`  ${m.what}\n      ${m.command}`);
  return 6;
}

/**
 * Brings what is not there. Gives the exit code: 0, or 6 when something is missing that cannot be brought (nothing is
 * changed then) or when bringing failed.
 * @param {Step[]} steps
 */
async function bringAll(steps) {
  const checks = await Promise.all(steps.map((s) => s.check()));
  const missing = checks.filter((c) => c.state === 'missing');
  if (missing.length > 0) return sayMissing(missing, 'nothing was changed');
  const wanted = checks.filter((c) => c.state === 'wanted');
  if (wanted.length === 0) return 0;
  return withLock(async () => {
    say('set-up brings:');
    for (const w of wanted) say(`  ${w.what}`);
    for (const [at, step] of steps.entries()) {
      const label = `[${at + 1}/${steps.length}] ${step.title}`;
      // Asked again: an earlier step, or another set-up that was waited for, may have brought it.
      const now = checks[at].state === 'there' ? checks[at] : await step.check();
      if (now.state === 'missing') return sayMissing([now], 'what is done is kept');
      if (now.state !== 'wanted') {
        say(`${label}  there`);
        continue;
      }
      if (checks[at].state === 'later') say(`${label}  also needed: ${now.what}`);
      const startedAt = Date.now();
      const doing = () => (step.doing ? `: ${step.doing()}` : '');
      const beat = setInterval(() => say(`${label}  … ${seconds(Date.now() - startedAt)}${doing()}`), 5_000);
      try {
        await step.bring();
      } catch (error) {
        say(`${label}  failed after ${seconds(Date.now() - startedAt)}\n${error.message}`);
        say('set-up: what is done is kept; run the same command again to go on');
        return 6;
      } finally {
        clearInterval(beat);
      }
      say(`${label}  ${seconds(Date.now() - startedAt)}`);
    }
    return 0;
  });
}

module.exports = { bringAll };
