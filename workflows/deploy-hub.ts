import type { DeploymentResult } from '../domain/deployment.ts';
import { deploy } from './deploy.ts';

/** Raises or changes the hub. Input `{ instance, options? }`, workflow id `instance/<CODE>`. */
export function deployHub(input: unknown): Promise<DeploymentResult> {
  return deploy('hub', input);
}
