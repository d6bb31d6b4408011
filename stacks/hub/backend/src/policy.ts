// Every decision comes from OPA. No answer, or one without a result, is never a yes.
import { z } from 'zod';
import { Refusal } from './refusal.ts';
import type { Subject } from './subject.ts';
import { NEIGHBOUR_MS } from './within.ts';

/** What a document says about itself. */
export interface Label {
  readonly classification: string;
  readonly releasableTo: readonly string[];
  readonly communities: readonly string[];
}

const Decision = z.object({ result: z.object({ allow: z.boolean(), reasons: z.array(z.string()) }) });
const Visible = z.object({ result: z.array(z.string()) });

export type Decision = z.infer<typeof Decision>['result'];

export interface Policy {
  decide(subject: Subject, document: Label): Promise<Decision>;
  /** Ids of those that the subject may read; one question for all. */
  visible(subject: Subject, documents: readonly (Label & { readonly id: string })[]): Promise<ReadonlySet<string>>;
}

/** All methods @throws Refusal 503 when OPA does not answer in 2 s, or has no such policy */
export function opaPolicy(opaUrl: string): Policy {
  return {
    async decide(subject, document) {
      return (await ask(opaUrl, 'decision', { subject, document }, Decision)).result;
    },
    async visible(subject, documents) {
      return new Set((await ask(opaUrl, 'visible', { subject, documents }, Visible)).result);
    },
  };
}

async function ask<T>(opaUrl: string, rule: string, input: unknown, shape: z.ZodType<T>): Promise<T> {
  try {
    const response = await fetch(`${opaUrl}/v1/data/dive/authz/${rule}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input }),
      signal: AbortSignal.timeout(NEIGHBOUR_MS),
    });
    if (!response.ok) throw new Error(`opa says ${response.status}`);
    const answer: unknown = await response.json();
    const parsed = shape.safeParse(answer);
    // A policy that is not loaded is 200 {}.
    if (!parsed.success) throw new Error(`opa has no answer for dive.authz.${rule}`);
    return parsed.data;
  } catch (error) {
    throw new Refusal(503, 'no decision can be taken', [], error);
  }
}
