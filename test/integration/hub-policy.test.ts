// The policy of the default hub by its own tests, run by the OPA that the hub runs.
import path from 'node:path';
import { docker } from '../support/command.ts';
import { HUB, hubImage } from '../support/hub.ts';

async function opa(...args: string[]): Promise<string> {
  const mount = `${path.join(HUB, 'policy')}:/policy:ro`;
  const image = await hubImage('OPA_IMAGE');
  const lines = await docker('run', '--rm', '--label', 'dive.test=hub-policy', '-v', mount, image, ...args, '/policy');
  return lines.join('\n');
}

test('the policy is right by its own tests, and none is left out', async () => {
  const [, passed, all] = /PASS: (\d+)\/(\d+)/.exec(await opa('test')) ?? [];
  expect(passed).toBe(all);
  expect(Number(all)).toBeGreaterThanOrEqual(20);
});

test('the policy is sound in strict mode and formatted', async () => {
  expect(await opa('check', '--strict')).toBe('');
  expect(await opa('fmt', '--list')).toBe('');
});
