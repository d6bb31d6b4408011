import type { Finding } from '../schema/finding.ts';
import { invalid } from './exit.ts';
import type { ResolvedTarget } from './resolve.ts';

/**
 * Two instances of one site with the same Compose project would replace each other's containers. It happens where one
 * file that has a `name:` serves several. @throws CommandFailure DIVE-1104 (exit 7), nothing touched
 */
export function assertDistinctProjects(targets: readonly ResolvedTarget[]): void {
  const findings = targets.flatMap((target, index): Finding[] => {
    const { project } = target.project;
    const first = targets.slice(0, index).find((t) => t.project.project === project && t.site === target.site);
    if (!first) return [];
    const message = `${target.code} and ${first.code} would both be the Compose project ${project}: leave out name: in the file they share, or give each a file of its own`;
    return [
      { code: 'DIVE-1104', ...(target.topologyFile === undefined ? {} : { file: target.topologyFile }), message },
    ];
  });
  if (findings.length > 0) throw invalid(findings);
}
