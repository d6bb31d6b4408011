// The choice of images in the hub's env file, beside secrets that must survive it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const {
  readChoice,
  valueOf,
  writeChoice,
}: {
  readonly readChoice: (file: string) => string | undefined;
  readonly valueOf: (name: string, file: string) => string | undefined;
  readonly writeChoice: (choice: string, file: string) => void;
} = require('../../scripts/images/env-file.cjs');

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dive-env-'));
  file = join(folder, 'hub.env');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('without a file, and without a choice in it, none was made', () => {
  expect(readChoice(file)).toBeUndefined();
  writeFileSync(file, 'POSTGRES_PASSWORD=x\n');
  expect(readChoice(file)).toBeUndefined();
});

test('every other line stays, another choice replaces the first, and nobody else can read it', () => {
  writeFileSync(file, '# mine\nPOSTGRES_PASSWORD=abc=def\n\nBACKEND_PORT=4001');
  writeChoice('local', file);
  expect(readChoice(file)).toBe('local');
  expect(valueOf('POSTGRES_IMAGE', file)).toBe('dive-local/postgres:15');
  writeChoice('official', file);
  const text = readFileSync(file, 'utf8');
  expect(text.startsWith('# mine\nPOSTGRES_PASSWORD=abc=def\n\nBACKEND_PORT=4001\n#')).toBe(true);
  expect(text.match(/^KEYCLOAK_IMAGE=/gm)).toHaveLength(1);
  expect(valueOf('KEYCLOAK_IMAGE', file)).toBe('quay.io/keycloak/keycloak:26.7.3');
  expect(text).not.toContain('dive-local');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['hub.env']);
});

test('written twice it is the same text', () => {
  writeChoice('local', file);
  const once = readFileSync(file, 'utf8');
  writeChoice('local', file);
  expect(readFileSync(file, 'utf8')).toBe(once);
});
