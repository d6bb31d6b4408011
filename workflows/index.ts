export { deployHub } from './deploy-hub.ts';
export { deploySpoke } from './deploy-spoke.ts';
export { inspect } from './inspect.ts';
export { teardown } from './teardown.ts';
