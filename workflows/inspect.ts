import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { Inspection } from '../domain/deployment.ts';
import { inspectWorkflowId } from '../domain/names.ts';
import { detailsOf, serviceFailure } from './failure.ts';
import { siteProxies } from './proxies.ts';

/**
 * The plan of an instance of any site; changes nothing. Input `{ instance, site, spec }`, `spec` the digest of a stored
 * one; workflow id `inspect/<CODE>/<any>`.
 */
export async function inspect(input: unknown): Promise<Inspection> {
  const { instance, site } = namesIn(input);
  const wanted = inspectWorkflowId(instance, '');
  if (!workflowInfo().workflowId.startsWith(wanted))
    throw ApplicationFailure.nonRetryable(`the workflow id must begin with ${wanted}`, 'BadWorkflowId');
  try {
    return await siteProxies(site).ask.inspectProject(input);
  } catch (error) {
    throw serviceFailure(detailsOf(error));
  }
}

function namesIn(input: unknown): { instance: string; site: string } {
  const given = typeof input === 'object' && input !== null ? input : {};
  return {
    instance: 'instance' in given ? String(given.instance) : '',
    site: 'site' in given ? String(given.site) : 'local',
  };
}
