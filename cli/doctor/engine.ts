// The Docker engine that the command means.
import { connectEngine, type Engine } from '../../adapters/docker/connect.ts';
import { type EngineChoice, isNamed } from '../../adapters/docker/engine-choice.ts';
import { answersForAll, engineInfo, isRoomEnough } from '../../adapters/docker/engine-info.ts';
import { engineName } from '../../adapters/docker/engine-host.ts';
import { bytes } from '../output/durations.ts';
import { type Check, within } from './check.ts';

/** The engine, where it answers, and what there is to say of it. */
export async function checkEngine(choice: EngineChoice): Promise<{ checks: Check[]; engine?: Engine }> {
  const base = { id: 'docker', title: 'Docker engine' };
  const engine = await within(connectEngine(choice));
  if (engine instanceof Error) {
    const named = await within(engineName(choice));
    const where = named instanceof Error ? '' : `${named}: `;
    const value = engine.message.includes('://') ? engine.message : `${where}${engine.message}`;
    const wrong = choice.host === undefined ? 'DOCKER_CONTEXT' : 'DOCKER_HOST';
    const fixable = isNamed(choice)
      ? { next: `correct ${wrong}` }
      : { next: 'dive doctor --fix', fix: 'tools' as const };
    return { checks: [{ ...base, state: 'missing', value, ...fixable }] };
  }
  const value = `${engine.version} at ${engine.host.replace('unix://', '')}`;
  const giveUp = new AbortController();
  const [info, lists] = await Promise.all([within(engineInfo(engine)), within(answersForAll(engine, giveUp.signal))]);
  giveUp.abort();
  const answers: Check =
    lists instanceof Error
      ? {
          ...base,
          state: 'warning',
          value: `${value} is busy or stuck: asked for its containers and networks, ${lists.message}`,
          next: 'if that stays so, restart Docker: systemctl restart docker',
        }
      : { ...base, state: 'ok', value };
  if (info instanceof Error || info.space === undefined) return { checks: [answers], engine };
  const disk = { id: 'disk', title: 'Disk', value: `${bytes(info.space.freeBytes)} free on ${info.dataRoot}` };
  const room: Check = isRoomEnough(info.space)
    ? { ...disk, state: 'ok' }
    : { ...disk, state: 'missing', next: 'docker system df, then docker system prune' };
  return { checks: [answers, room], engine };
}
