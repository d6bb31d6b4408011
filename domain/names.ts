// Names that appear outside: workflow ids, task queues, labels. The only place they are spelled.

export const CODE_PATTERN = /^[A-Z0-9][A-Z0-9_-]{0,62}$/;

/** Task queue of workflows and of activities that touch only the store. */
export const DIVE_TASK_QUEUE = 'dive';

export function siteTaskQueue(site: string): string {
  return `site-${site}`;
}

export function instanceWorkflowId(code: string): string {
  return `instance/${code}`;
}

/** `unique`: any text, so that two of an instance do not meet. */
export function inspectWorkflowId(code: string, unique: string): string {
  return `inspect/${code}/${unique}`;
}

/** The code of an instance that has no dive.yaml: the project name in upper case. */
export function codeOfProject(project: string): string {
  return project.toUpperCase();
}

export const LABELS = {
  store: 'dive.store',
  operation: 'dive.op',
  fence: 'dive.fence',
  specHash: 'dive.spec-hash',
} as const;

export const COMPOSE_LABELS = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  configHash: 'com.docker.compose.config-hash',
  image: 'com.docker.compose.image',
  number: 'com.docker.compose.container-number',
} as const;

/** Name of a container that was replaced and waits, stopped, until the operation is complete. */
export function parkedName(name: string, fence: number): string {
  return `${name}.parked-${fence}`;
}

export function isParkedName(name: string): boolean {
  return /\.parked-\d+$/.test(name);
}

/** Length of a plan's id as shown and asked for: 12 hex digits. */
export function shortPlanId(hash: string): string {
  return hash.slice(0, 12);
}
