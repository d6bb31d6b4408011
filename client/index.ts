export { connect, type DiveConnection } from './connect.ts';
export {
  attach,
  cancel,
  type Ending,
  findHolder,
  type Holder,
  InstanceLockedError,
  type Operation,
  pause,
  queryProgress,
  resume,
  startDeployment,
  startTeardown,
} from './operations.ts';
