import type { Finding } from '../../schema/finding.ts';
import { locate, readYamlFiles } from './positions.ts';

/**
 * Gives each finding that names a path in the Compose files its file and line, where they can be found. Others, and
 * those that know theirs, stay as they are. Files that cannot be read are left out.
 */
export async function placeFindings(findings: readonly Finding[], files: readonly string[]): Promise<Finding[]> {
  if (!findings.some(needsPlace)) return [...findings];
  const read = await readYamlFiles(files);
  return findings.map((finding) => {
    const position = needsPlace(finding) ? locate(read, finding.path) : undefined;
    return position === undefined ? finding : { ...finding, ...position };
  });
}

function needsPlace(finding: Finding): finding is Finding & { path: string } {
  return finding.path !== undefined && finding.line === undefined;
}
