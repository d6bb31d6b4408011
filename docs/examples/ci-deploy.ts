// Deploys one instance from a pipeline and ends with dive's exit codes. `dive up` in its folder registered it once.
//   TEMPORAL_ADDRESS=… node --require ./scripts/register-swc.cjs docs/examples/ci-deploy.ts MY-APP
import { InstanceLockedError, connect, startDeployment } from '../../client/index.ts';

async function deploy(instance: string): Promise<number> {
  const dive = await connect();
  try {
    const ending = await (await startDeployment(dive.client, 'hub', { instance })).result();
    process.stdout.write(`${JSON.stringify(ending)}\n`);
    if (ending.kind === 'failed') return ending.failure.exitCode;
    return ending.kind === 'done' ? 0 : ending.kind === 'cancelled' ? 5 : 3;
  } catch (error) {
    if (!(error instanceof InstanceLockedError)) throw error;
    return 4;
  } finally {
    await dive.close();
  }
}

deploy(process.argv[2] ?? '').then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(6);
  },
);
