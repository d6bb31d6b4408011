// The one catalogue of failures. docs/failures/ has a page for each; a test keeps the two equal.
// Numbers follow the predecessor's where the meaning is the same (10xx before, 11xx configuration, 12xx containers,
// 15xx the operation itself, 16xx the engines dive stands on).

/** transient: may go away by itself; permanent: the same input fails again; recoverable: dive or a person can mend it. */
export type FailureClass = 'transient' | 'permanent' | 'recoverable';

export interface FailureEntry {
  readonly name: string;
  /** 1 critical … 4 informs. */
  readonly severity: 1 | 2 | 3 | 4;
  readonly class: FailureClass;
  /** May Temporal try the activity again? Waits come from `retry`. */
  readonly retry: 'none' | 'engine' | 'pull';
  /** Exit code of the command when this ends an operation before anything was touched. */
  readonly exitCode: 1 | 3 | 4 | 5 | 6 | 7;
  /** What the operator does; one sentence. */
  readonly remedy: string;
}

const entry = (
  name: string,
  severity: FailureEntry['severity'],
  failureClass: FailureClass,
  retry: FailureEntry['retry'],
  exitCode: FailureEntry['exitCode'],
  remedy: string,
): FailureEntry => ({ name, severity, class: failureClass, retry, exitCode, remedy });

export const FAILURES = {
  'DIVE-1001': entry(
    'UnknownInstance',
    2,
    'permanent',
    'none',
    7,
    'Name an instance of dive.yaml, or run in its folder.',
  ),
  'DIVE-1003': entry(
    'NetworkMissing',
    1,
    'recoverable',
    'none',
    7,
    'Create the external network, or correct its name.',
  ),
  'DIVE-1004': entry(
    'SecretMissing',
    1,
    'recoverable',
    'none',
    7,
    'Provide the file or the variable the secret comes from.',
  ),
  'DIVE-1006': entry(
    'NotAllowed',
    2,
    'permanent',
    'none',
    6,
    'Give this user access to the engine, or run as one that has it.',
  ),
  'DIVE-1007': entry(
    'InstanceLocked',
    2,
    'transient',
    'none',
    4,
    'Wait for the other operation, or look on with dive watch.',
  ),
  'DIVE-1008': entry(
    'ForeignObject',
    2,
    'permanent',
    'none',
    7,
    'Name it otherwise; what is yours you can take over: --adopt (made by another dive), --move (from another folder).',
  ),
  'DIVE-1009': entry('PlanOutdated', 3, 'recoverable', 'none', 7, 'Look at the plan again: dive plan.'),
  'DIVE-1101': entry('InvalidYaml', 2, 'permanent', 'none', 7, 'Correct the file at the line named.'),
  'DIVE-1102': entry(
    'ComposeFileMissing',
    2,
    'permanent',
    'none',
    7,
    'Go to the folder of the Compose file, or name it with -f.',
  ),
  'DIVE-1103': entry('VariableMissing', 2, 'permanent', 'none', 7, 'Set the variable in .env or in the environment.'),
  'DIVE-1104': entry('InvalidTopology', 2, 'permanent', 'none', 7, 'Correct dive.yaml at the path named.'),
  'DIVE-1105': entry('InvalidCompose', 2, 'permanent', 'none', 7, 'Correct the Compose file at the path named.'),
  'DIVE-1106': entry(
    'UnsupportedKey',
    2,
    'permanent',
    'none',
    7,
    'Remove the key, or run this project with Compose itself.',
  ),
  'DIVE-1107': entry('FileMissing', 2, 'permanent', 'none', 7, 'Make the file, or correct its path.'),
  'DIVE-1108': entry('DependencyCycle', 2, 'permanent', 'none', 7, 'Cut the dependency named.'),
  'DIVE-1109': entry('DependencyMissing', 2, 'permanent', 'none', 7, 'Define the service, or enable its profile.'),
  'DIVE-1110': entry(
    'InvalidOption',
    2,
    'permanent',
    'none',
    7,
    'Correct x-dive of the service; its fields are in docs/reference.md.',
  ),
  'DIVE-1111': entry('PortTaken', 2, 'recoverable', 'none', 7, 'Stop what holds the port, or publish another one.'),
  'DIVE-1112': entry(
    'DiskFull',
    1,
    'recoverable',
    'none',
    7,
    'Free space on the data root of the engine: docker system df.',
  ),
  'DIVE-1113': entry(
    'NetworkInUse',
    2,
    'recoverable',
    'none',
    7,
    'Take the containers named off the network, or leave its definition as it was.',
  ),
  'DIVE-1114': entry(
    'MemoryShort',
    2,
    'recoverable',
    'none',
    7,
    'End what is not needed, or reserve less: docker stats shows who uses how much.',
  ),
  'DIVE-1201': entry(
    'StartFailed',
    1,
    'recoverable',
    'none',
    1,
    'Read what the engine says, correct the service, run dive up again.',
  ),
  'DIVE-1202': entry(
    'ContainerExited',
    1,
    'recoverable',
    'none',
    1,
    'Read the last lines of its log, correct the cause, run dive up again.',
  ),
  'DIVE-1203': entry('DependencyFailed', 2, 'recoverable', 'none', 1, 'Look at the service it waits for.'),
  'DIVE-1204': entry(
    'NeverHealthy',
    1,
    'recoverable',
    'none',
    1,
    'Read the last probe answer; raise x-dive.timeout if it is only slow.',
  ),
  'DIVE-1205': entry(
    'Flapping',
    1,
    'recoverable',
    'none',
    1,
    'It is healthy and sick by turns: read its log and its limits.',
  ),
  'DIVE-1206': entry(
    'ContainerPaused',
    2,
    'recoverable',
    'none',
    1,
    'Ask who paused it (docker unpause, where it still stands), then dive up.',
  ),
  'DIVE-1207': entry(
    'ContainerGone',
    1,
    'recoverable',
    'none',
    1,
    'Somebody removed it meanwhile; dive up makes it anew.',
  ),
  'DIVE-1208': entry(
    'ImageUnavailable',
    1,
    'recoverable',
    'pull',
    1,
    'Check the name and the registry, or docker login.',
  ),
  'DIVE-1209': entry(
    'BuildFailed',
    1,
    'recoverable',
    'none',
    1,
    'Read the end of the build log; docker compose build shows all of it.',
  ),
  'DIVE-1501': entry('Unknown', 1, 'permanent', 'none', 3, 'Please report it with the output of dive history --json.'),
  'DIVE-1503': entry('Cancelled', 3, 'recoverable', 'none', 5, 'Run dive up again when you want it.'),
  'DIVE-1504': entry(
    'RollbackIncomplete',
    1,
    'recoverable',
    'none',
    3,
    'Compare what is listed, mend it, then run the command again.',
  ),
  'DIVE-1505': entry('IllegalTransition', 1, 'permanent', 'none', 3, 'Please report it; dive status shows the state.'),
  'DIVE-1506': entry('FencedOff', 2, 'permanent', 'none', 3, 'A newer operation took over; look at that one.'),
  'DIVE-1601': entry('EngineUnreachable', 1, 'transient', 'engine', 6, 'Start Docker, or correct DOCKER_HOST.'),
  'DIVE-1602': entry(
    'DatabaseUnreachable',
    1,
    'transient',
    'engine',
    6,
    'dive server status, or correct DIVE_DATABASE_URL.',
  ),
  'DIVE-1603': entry(
    'TemporalUnreachable',
    1,
    'transient',
    'engine',
    6,
    'dive server status, or correct TEMPORAL_ADDRESS.',
  ),
  'DIVE-1604': entry('WorkerMissing', 1, 'transient', 'none', 6, 'Start the worker of the site: dive server start.'),
  'DIVE-1605': entry('ToolMissing', 1, 'recoverable', 'none', 6, 'Bring the tool named, with the command named.'),
  'DIVE-1606': entry(
    'OtherEngine',
    2,
    'transient',
    'none',
    6,
    'Wait until the server is idle, or correct DOCKER_HOST.',
  ),
} as const satisfies Record<string, FailureEntry>;

export type FailureCode = keyof typeof FAILURES;

/** Is this text a code of the catalogue? */
export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(FAILURES, value);
}

/** The details every failure carries; JSON. */
export interface FailureDetails {
  readonly code: FailureCode;
  /** What happened, one line without a full stop. */
  readonly what: string;
  readonly service?: string;
  /** Evidence: last log lines, probe answers; masked. */
  readonly why?: readonly string[];
  /** The real culprit when it is another service. */
  readonly root?: string;
  /** What to do about this very one, a line each; instead of the catalogue's remedy. */
  readonly next?: readonly string[];
}
