// The process behind `dive server start`: detached from the terminal, it outlives the command.
import { readAddressFile, supervisorLives } from './address-file.ts';
import { supervisorSettings } from './config.ts';
import { makeHome } from './home.ts';
import { logFile, writeLog } from './log-file.ts';
import { isProcess } from './processes.ts';
import { ServerFailure } from './server-failure.ts';
import { createSupervisor } from './supervisor.ts';

const OWNER_POLL_MS = 500;

async function main(): Promise<void> {
  const settings = supervisorSettings();
  const { home } = settings.config;
  // Every private file and folder names its mode; the database's user must be able to read the programs.
  process.umask(0o022);
  makeHome(home);
  const log = (line: string): void => writeLog(logFile(home, 'supervisor'), line);
  const other = readAddressFile(home);
  if (other && other.pid !== process.pid && supervisorLives(home, other)) {
    log(`process ${other.pid} supervises this home already`);
    return;
  }
  const supervisor = createSupervisor(settings);
  let ending = false;
  const end = async (why: string, failure?: ServerFailure): Promise<void> => {
    if (ending) return;
    ending = true;
    log(why);
    await supervisor.stop(failure);
    process.exit(failure ? 1 : 0);
  };
  // Without children, when all engines are others', nothing else keeps it alive.
  setInterval(() => {}, 2 ** 30);
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => void end(`asked to end by ${name}`));
  // Its terminal closes: it is not meant.
  process.on('SIGHUP', () => {});
  const { whileAlive } = settings.config;
  if (whileAlive !== undefined) {
    setInterval(() => {
      if (!isProcess(whileAlive, [])) void end(`process ${whileAlive}, for which it ran, is gone`);
    }, OWNER_POLL_MS).unref();
  }
  try {
    await supervisor.start();
    log('ready');
  } catch (error) {
    const failure = error instanceof ServerFailure ? error : new ServerFailure('DIVE-1501', String(error));
    await end(`cannot start: ${String(error)}`, failure);
  }
}

void main();
