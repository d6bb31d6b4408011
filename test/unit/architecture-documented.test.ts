// docs/architecture.md: its diagrams are such as Mermaid draws, and the files it names are there. Needs nothing.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

const FLOWS = PAGE.split(/^## /m).flatMap((section): [string, string[], string][] => {
  const diagram = /```mermaid\n([\s\S]*?)```/.exec(section)?.[1];
  return diagram === undefined ? [] : [[section.split('\n')[0] ?? '', diagram.trimEnd().split('\n'), section]];
});

const DECLARES = /^(?:participant|actor) (\w+) as [^:;#]+$/;
const SPEAKS = /^(\w+)(?:->>|-->>|-x)(\w+): [^;#]+$/;
const NOTES = /^Note over (\w+)(?:,(\w+))?: [^;#]+$/;

test('there is a diagram for each flow', () => {
  expect(FLOWS.map(([flow]) => flow)).toEqual([
    '`npm start`',
    'A deployment',
    'A teardown',
    'Pause, resume, cancel',
    'A worker that dies',
    'The plan of another site',
    'Status',
  ]);
});

/** Lines that Mermaid would not draw, or between participants that are not declared. A semicolon ends a statement. */
function wrongLines(lines: readonly string[]): string[] {
  const known = new Set<string>();
  const open: string[] = [];
  const isRight = (line: string): boolean => {
    const declared = DECLARES.exec(line)?.[1];
    if (declared !== undefined) return known.add(declared).size > 0;
    const names = (SPEAKS.exec(line) ?? NOTES.exec(line))?.slice(1).filter((name) => name !== undefined);
    if (names !== undefined) return names.every((name) => known.has(name));
    if (/^(alt|opt|loop|par) ./.test(line)) return open.push(line) > 0;
    if (/^else\b/.test(line)) return open.at(-1)?.startsWith('alt ') ?? false;
    return line === 'end' && open.pop() !== undefined;
  };
  const wrong = lines.map((line) => line.trim()).filter((line) => !isRight(line));
  return [...wrong, ...open];
}

test.each(FLOWS)('%s: every line is one that Mermaid knows, between participants that are declared', (_flow, lines) => {
  expect(lines[0]).toBe('sequenceDiagram');
  expect(wrongLines(lines.slice(1))).toEqual([]);
});

test('what Mermaid would not draw is found', () => {
  const lines = ['participant A as a', 'A->>A: one; two', 'A->>B: hello', 'else', 'end', 'opt never closed'];
  expect(wrongLines(lines)).toEqual(lines.slice(1));
});

test.each(FLOWS)('%s: it names the files that do it, and they are there', (_flow, _lines, section) => {
  const files = [...(/Files: (.*)$/m.exec(section)?.[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
