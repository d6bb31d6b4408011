// The Docker engine that the command means.
import { connectEngine, type Engine } from '../../adapters/docker/connect.ts';
import { engineInfo } from '../../adapters/docker/engine-info.ts';
import { engineName } from '../../adapters/docker/engine-host.ts';
import { bytes } from '../output/durations.ts';
import { type Check, within } from './check.ts';

const LEAST_FREE_BYTES = 1e9;
const LEAST_FREE_SHARE = 0.05;

/** The engine, where it answers, and what there is to say of it. */
export async function checkEngine(host: string | undefined): Promise<{ checks: Check[]; engine?: Engine }> {
  const base = { id: 'docker', title: 'Docker engine' };
  const engine = await within(connectEngine(host === undefined ? {} : { host }));
  if (engine instanceof Error) {
    const named = await within(engineName({ host }));
    const where = named instanceof Error ? '' : `${named}: `;
    const value = engine.message.includes('://') ? engine.message : `${where}${engine.message}`;
    const fixable =
      host === undefined ? { next: 'dive doctor --fix', fix: 'tools' as const } : { next: 'correct DOCKER_HOST' };
    return { checks: [{ ...base, state: 'missing', value, ...fixable }] };
  }
  const answers: Check = { ...base, state: 'ok', value: `${engine.version} at ${engine.host.replace('unix://', '')}` };
  const info = await within(engineInfo(engine));
  if (info instanceof Error || info.space === undefined) return { checks: [answers], engine };
  const { freeBytes, totalBytes } = info.space;
  const isEnough = freeBytes >= LEAST_FREE_BYTES && freeBytes >= totalBytes * LEAST_FREE_SHARE;
  const disk = { id: 'disk', title: 'Disk', value: `${bytes(freeBytes)} free on ${info.dataRoot}` };
  const room: Check = isEnough
    ? { ...disk, state: 'ok' }
    : { ...disk, state: 'missing', next: 'docker system df, then docker system prune' };
  return { checks: [answers, room], engine };
}
