// The engine's own record of one run: when it created, connected and started what. Read live, because the engine
// remembers only the last 256 events and health checks make many.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

export interface EngineEvent {
  readonly action: 'create' | 'connect' | 'start';
  readonly type: 'container' | 'network';
  /** Project of the container, or of the network by its name. */
  readonly container: string;
  readonly service: string;
  readonly project: string;
  readonly name: string;
  /** Milliseconds since 1970, with fractions. */
  readonly atMs: number;
}

export interface EventRecord extends AsyncDisposable {
  readonly events: readonly EngineEvent[];
}

const FILTERS = ['type=container', 'type=network', 'event=create', 'event=connect', 'event=start'];
const SETTLE_MS = 300;

/** Records until disposed. */
export async function recordEvents(): Promise<EventRecord> {
  const events: EngineEvent[] = [];
  const filters = FILTERS.flatMap((f) => ['--filter', f]);
  const child = spawn('docker', ['events', '--format', '{{json .}}', ...filters], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = readEvent(line);
    if (event !== undefined) events.push(event);
  });
  // Nothing says that it listens.
  await pause(SETTLE_MS);
  return {
    events,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
    },
  };
}

/** One line of `docker events`; undefined when it is of another kind. */
export function readEvent(line: string): EngineEvent | undefined {
  const raw: unknown = JSON.parse(line);
  if (!isRaw(raw)) return undefined;
  const of = raw.Actor.Attributes;
  return {
    action: raw.Action,
    type: raw.Type,
    container: raw.Type === 'container' ? raw.Actor.ID : (of['container'] ?? ''),
    service: of['com.docker.compose.service'] ?? '',
    project: of['com.docker.compose.project'] ?? '',
    name: of['name'] ?? '',
    atMs: raw.timeNano / 1e6,
  };
}

interface RawEvent {
  readonly Type: EngineEvent['type'];
  readonly Action: EngineEvent['action'];
  readonly timeNano: number;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string | undefined>> };
}

function isRaw(value: unknown): value is RawEvent {
  if (typeof value !== 'object' || value === null || !('Action' in value) || !('Type' in value)) return false;
  const known = ['create', 'connect', 'start'].includes(String(value.Action));
  return known && (value.Type === 'container' || value.Type === 'network') && 'Actor' in value && 'timeNano' in value;
}
