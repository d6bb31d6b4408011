// What each address does. Knows nothing of sockets: a request in, a status and JSON out.
import type { DenyList } from './deny-list.ts';
import type { DocumentStore } from './documents.ts';
import { reason, type Health } from './health.ts';
import type { Policy } from './policy.ts';
import { Refusal } from './refusal.ts';
import type { Token } from './subject.ts';

export interface Services {
  readonly authenticate: (authorization: string | undefined) => Promise<Token>;
  readonly policy: Policy;
  readonly documents: DocumentStore;
  readonly denyList: Pick<DenyList, 'add'>;
  readonly health: () => Promise<Health>;
  /** @throws Error when the back end does not do its work */
  readonly selfCheck: () => Promise<void>;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

export interface Answered {
  readonly status: number;
  readonly body?: unknown;
}

/** @throws Refusal for everything that is not given */
export async function route(asked: Asked, services: Services): Promise<Answered> {
  const document = /^\/documents\/([A-Za-z0-9-]{1,64})$/.exec(asked.path)?.[1];
  if (asked.path === '/health') return only('GET', asked, () => health(services));
  if (asked.path === '/self-check') return only('GET', asked, () => selfCheck(services));
  if (asked.path === '/documents') return only('GET', asked, () => listDocuments(asked, services));
  if (document !== undefined) return only('GET', asked, () => readDocument(document, asked, services));
  if (asked.path === '/logout') return only('POST', asked, () => logOut(asked, services));
  throw new Refusal(404, 'there is nothing at this address');
}

function only(method: string, asked: Asked, answer: () => Promise<Answered>): Promise<Answered> {
  if (asked.method !== method) throw new Refusal(405, `only ${method} works here`);
  return answer();
}

async function health(services: Services): Promise<Answered> {
  const body = await services.health();
  return { status: body.status === 'ok' ? 200 : 503, body };
}

/** Open like `/health`: it says which part fails, and nothing of documents. */
async function selfCheck(services: Services): Promise<Answered> {
  try {
    await services.selfCheck();
    return { status: 200, body: { status: 'ok', proves: 'allows, denies, and refuses a bad token' } };
  } catch (error) {
    return { status: 503, body: { status: 'unavailable', error: reason(error) } };
  }
}

async function listDocuments(asked: Asked, services: Services): Promise<Answered> {
  const { subject } = await services.authenticate(asked.authorization);
  const heads = await services.documents.heads();
  const visible = await services.policy.visible(subject, heads);
  return { status: 200, body: { documents: heads.filter((head) => visible.has(head.id)) } };
}

async function readDocument(id: string, asked: Asked, services: Services): Promise<Answered> {
  const { subject } = await services.authenticate(asked.authorization);
  const document = await services.documents.find(id);
  if (document === undefined) throw new Refusal(404, 'there is no such document');
  const { classification, releasableTo, communities } = document;
  const decision = await services.policy.decide(subject, { classification, releasableTo, communities });
  if (!decision.allow) throw new Refusal(403, 'the policy denies it', decision.reasons);
  return { status: 200, body: document };
}

/** The token itself is worth nothing from now on, wherever a copy of it may be. */
async function logOut(asked: Asked, services: Services): Promise<Answered> {
  const token = await services.authenticate(asked.authorization);
  try {
    await services.denyList.add(token.id, token.expiresAt);
  } catch (error) {
    throw new Refusal(503, 'the log-out could not be kept', [], error);
  }
  return { status: 204 };
}
