import { commandConfig } from '../../cli/config.ts';
import { CommandFailure, invalid } from '../../cli/exit.ts';
import { failureJson, failureLines } from '../../cli/output/failure.ts';
import { Output } from '../../cli/output/output.ts';
import type { Finding } from '../../schema/finding.ts';

const OUTPUT = new Output(commandConfig({ NO_COLOR: '1' }), 'normal');

function findings(count: number): Finding[] {
  return Array.from({ length: count }, (_, n) => ({ code: 'DIVE-1008', message: `web-${n} was made by another dive` }));
}

test('a failure with a log and a probe answer is told whole', () => {
  const why = ['last lines of its log:', ...Array.from({ length: 20 }, (_, n) => `  line ${n}`), 'exit 1 (try 9)'];
  const lines = failureLines(OUTPUT, new CommandFailure({ code: 'DIVE-1204', what: 'is never healthy', why }));
  expect(lines.map((l) => l.slice(9))).toEqual(expect.arrayContaining(why));
});

test('of hundreds of reasons the screen tells the first, how many more there are and where; JSON tells all', () => {
  const failure = invalid(findings(200), 'SHOP');
  const lines = failureLines(OUTPUT, failure);
  // The headline is the first of them.
  expect(lines.filter((l) => /web-\d+ was/.test(l))).toHaveLength(1 + 30);
  expect(lines).toContainEqual(expect.stringMatching(/^ +and 170 more: --json tells them all$/));
  expect(lines.at(-1)).toContain('next');
  expect(failureJson(failure)).toMatchObject({ errors: findings(200).map(({ message }) => ({ message })) });
});

test.each([30, 31])('%d reasons: none is left out in favour of a line that says so', (count) => {
  const lines = failureLines(OUTPUT, invalid(findings(count)));
  expect(lines.filter((l) => /web-\d+ was/.test(l))).toHaveLength(1 + count);
});
