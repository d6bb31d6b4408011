export { deployHub } from './deploy-hub.ts';
export { deploySpoke } from './deploy-spoke.ts';
export { teardown } from './teardown.ts';
