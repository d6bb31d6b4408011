// What a bench that was killed has left would be refused as another dive's, or measured along.
import { COMPOSE_LABELS } from '../domain/names.ts';
import { execute, mustExecute } from './execute.ts';

const OURS = /^t-bench-/;
const KINDS = [
  { kind: 'container', list: ['ps', '--all'], id: '{{.ID}}', remove: ['rm', '--force', '--volumes'] },
  { kind: 'network', list: ['network', 'ls'], id: '{{.ID}}', remove: ['network', 'rm'] },
  { kind: 'volume', list: ['volume', 'ls'], id: '{{.Name}}', remove: ['volume', 'rm'] },
] as const;

/**
 * Removes every container, network and volume of the bench's projects. Those of a bench that runs at the same time would
 * go, too: two would measure each other.
 */
export async function removeLeftovers(say: (line: string) => void): Promise<void> {
  for (const { kind, list, id, remove } of KINDS) {
    const format = `${id} {{.Label "${COMPOSE_LABELS.project}"}}`;
    const { stdout } = await mustExecute(['docker', ...list, '--format', format]);
    const found = stdout.split('\n').flatMap((line) => {
      const [name, project] = line.split(' ');
      return name !== undefined && OURS.test(project ?? '') ? [name] : [];
    });
    if (found.length > 0)
      say(`left over of an earlier bench, removed: ${found.length} ${kind}${found.length === 1 ? '' : 's'}`);
    for (const name of found) {
      const { exitCode, stderr } = await execute(['docker', ...remove, name]);
      // A network whose users the engine miscounts stays until the engine restarts.
      if (exitCode !== 0) say(`${kind} ${name} stays: ${stderr.trim()}`);
    }
  }
}
