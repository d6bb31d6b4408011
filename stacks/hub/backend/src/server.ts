// HTTP around the routes.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Refusal } from './refusal.ts';
import { route, type Answered, type Services } from './routes.ts';

export type Log = (message: string, about: Readonly<Record<string, unknown>>) => void;

/** Not listening yet. A request has 10 s in all, its headers 5 s. */
export function makeServer(services: Services, log: Log): Server {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    void answer(request, services, log).then((answered) => send(response, answered));
    // No address takes a body; one that is sent is read and forgotten.
    request.resume();
  });
  return server;
}

async function answer(request: IncomingMessage, services: Services, log: Log): Promise<Answered> {
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  try {
    return await route({ method, path, authorization: request.headers.authorization }, services);
  } catch (error) {
    if (error instanceof Refusal) {
      if (error.status === 503) log(error.message, { path, cause: causeOf(error) });
      return { status: error.status, body: error.body() };
    }
    log('request failed', { method, path, cause: causeOf(error) });
    return { status: 500, body: { error: 'it did not work' } };
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function send(response: ServerResponse, { status, body }: Answered): void {
  const headers = { 'cache-control': 'no-store', ...(status === 401 && { 'www-authenticate': 'Bearer' }) };
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
