import type { DeploymentResult } from '../domain/deployment.ts';
import { deploy } from './deploy.ts';

/** Raises or changes a spoke. Input `{ instance, options? }`, workflow id `instance/<CODE>`. */
export function deploySpoke(input: unknown): Promise<DeploymentResult> {
  return deploy('spoke', input);
}
