// The catalogue and its pages, kept equal both ways. Needs nothing.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURES, isFailureCode } from '../../domain/failures.ts';

const FOLDER = join(__dirname, '../../docs/failures');

function read(code: string): string {
  return readFileSync(join(FOLDER, `${code}.md`), 'utf8');
}

/** The value beside a word in the page's table. */
function cell(page: string, row: string): string | undefined {
  return new RegExp(`^\\| ${row} +\\| (.+?) +\\|$`, 'm').exec(page)?.[1];
}

describe('docs/failures', () => {
  test('has a page for every code and no other', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(
      Object.keys(FAILURES)
        .map((code) => `${code}.md`)
        .toSorted(),
    );
  });

  test.each(Object.entries(FAILURES))('%s says what the catalogue says', (code, entry) => {
    const page = read(code);
    expect(page.split('\n')[0]).toBe(`# ${code} ${entry.name}`);
    expect(cell(page, 'Severity')?.split(' ')[0]).toBe(String(entry.severity));
    expect(cell(page, 'Class')).toBe(entry.class);
    expect(cell(page, 'Exit code')).toBe(String(entry.exitCode));
    expect(page).toContain(entry.remedy);
    for (const part of ['## How it looks', '## What to do', '## What dive did by itself']) expect(page).toContain(part);
  });

  test('speaks only of codes that exist, and links only to pages that exist', () => {
    for (const code of Object.keys(FAILURES)) {
      const page = read(code);
      for (const [other] of page.matchAll(/DIVE-\d{4}/g)) expect(isFailureCode(other)).toBe(true);
      for (const [, link] of page.matchAll(/\]\(([^)#]+)/g)) {
        expect(() => readFileSync(join(FOLDER, link ?? ''))).not.toThrow();
      }
    }
  });
});

test('names in the catalogue are unique: they are the types that Temporal shows', () => {
  const names = Object.values(FAILURES).map((entry) => entry.name);
  expect(new Set(names).size).toBe(names.length);
});

test.each(['constructor', '__proto__', 'toString', 'DIVE-0000', '', undefined, 1202])('%p is no code', (value) => {
  expect(isFailureCode(value)).toBe(false);
});
