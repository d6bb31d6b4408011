import { planLine } from '../../cli/verbs/plan.ts';
import type { PlanOperation } from '../../schema/plan.ts';

const OPERATION: PlanOperation = {
  id: 'recreate:my-app-backend-1',
  op: 'recreate',
  service: 'backend',
  target: 'my-app-backend-1',
  cause: 'image app:1.4 → 1.5 · environment LOG_LEVEL, LOG_FORMAT added · ports 8080 → 8081',
  dependsOn: [],
  level: 0,
  expectedMs: 0,
  reversible: true,
};

test('one line in a pipe; on a terminal no line is wider than it', () => {
  expect(planLine(OPERATION, 16, Infinity)).toEqual([`  ~ my-app-backend-1  recreate  ${OPERATION.cause}`]);
  for (const columns of [80, 40, 30]) {
    const lines = planLine(OPERATION, 16, columns);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines[0]).toContain('my-app-backend-1');
    expect(lines[1]).toContain('image app:1.4');
  }
});
