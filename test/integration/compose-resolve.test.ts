// What a good project becomes, by the real Compose command.
import path from 'node:path';
import { findComposeFiles } from '../../adapters/compose/find-files.ts';
import { resolveProject } from '../../adapters/compose/resolve.ts';
import type { Finding } from '../../schema/finding.ts';
import { ProjectSpec, type ComposeSource } from '../../schema/spec.ts';
import { composeCommand } from '../support/compose-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function resolve(source: ComposeSource): Promise<{ project: ProjectSpec; warnings: readonly Finding[] }> {
  const result = await resolveProject({ composeCommand: composeCommand(), source });
  if (result.kind !== 'resolved') throw new Error(JSON.stringify(result, null, 2));
  return result;
}

async function resolveIn(folder: string, environment: Record<string, string> = {}): ReturnType<typeof resolve> {
  const found = await findComposeFiles({ folder, environment });
  if (found.kind !== 'found') throw new Error(found.finding.message);
  return resolve(found.source);
}

const SECRETS = `
services:
  a:
    image: registry.example/public-image:1
    command: [serve, --api-token, argument-secret, "--password=joined-secret", "--mode=plain-argument", "\${SHELL_ARGUMENT}"]
    environment:
      PLAIN: environment-secret
      URL: postgres://u:\${SHELL_SECRET}@db
      IMAGE: registry.example/public-image:1
      SHORT: short
    env_file: [more.env]
    build: { context: ., args: { TOKEN: build-secret-1 } }
    labels: { from: "\${FROM_DOT_ENV}" }
    secrets: [file, variable]
secrets:
  file: { file: ./secret.txt }
  variable: { environment: SHELL_SECRET }
`;

it('everything secret is masked, in plain, base64 and URL form; what is public or short is not', async () => {
  await using folder = await temporaryFolder({
    'compose.yaml': SECRETS,
    'more.env': 'FILED="env file secret"\n',
    '.env': 'FROM_DOT_ENV=dot-env-secret\n',
    'secret.txt': 'secret/of a file\n',
  });
  const { project } = await resolveIn(folder.path, {
    SHELL_SECRET: 'shell-secret-1',
    SHELL_ARGUMENT: 'shell-argument-1',
    UNUSED: 'unused-value',
  });
  const masked = new Set(project.secrets);
  for (const secret of [
    'argument-secret',
    'joined-secret',
    'environment-secret',
    'postgres://u:shell-secret-1@db',
    'shell-secret-1',
    'shell-argument-1',
    'env file secret',
    'build-secret-1',
    'dot-env-secret',
    'secret/of a file',
  ]) {
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
    expect(forms.filter((form) => !masked.has(form))).toEqual([]);
  }
  for (const open of ['registry.example/public-image:1', 'short', '--mode=plain-argument', 'unused-value', 'serve']) {
    expect(masked.has(open)).toBe(false);
  }
  expect(project.secrets).toEqual([...project.secrets].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)));
});

it('the caller’s variables are kept only where the files use them, and nothing else reaches the files', async () => {
  await using folder = await temporaryFolder({
    'compose.yaml':
      'services:\n  a:\n    image: "x:${TAG:-none}"\n    hostname: "h${DIVE_TEST_LEAK:-}"\n    env_file: e.env\n    environment: [VALUELESS]\n',
    'e.env': 'INNER="${FILED}"\n',
  });
  process.env['DIVE_TEST_LEAK'] = 'leaked';
  try {
    const { project } = await resolveIn(folder.path, { TAG: '7', FILED: 'f', VALUELESS: 'v', OTHER: 'o' });
    expect(project.source.environment).toEqual({ TAG: '7', FILED: 'f', VALUELESS: 'v' });
    expect(project.services[0]).toMatchObject({
      image: 'x:7',
      body: { Hostname: 'h', Env: ['INNER=f', 'VALUELESS=v'] },
    });
    const again = await resolve(project.source);
    expect(again.project).toEqual(project);
  } finally {
    delete process.env['DIVE_TEST_LEAK'];
  }
});

it('secrets and configs from variables and content become uploads, and a changed one changes the digest', async () => {
  await using folder = await temporaryFolder({
    'compose.yaml':
      'services:\n  a:\n    image: x\n    secrets: [{ source: s, mode: 0o400, uid: "7" }]\n    configs: [c]\n  b: { image: x }\nsecrets: { s: { environment: S } }\nconfigs: { c: { content: "v=${S} $$1" } }\n',
  });
  const [first, second] = await Promise.all([
    resolveIn(folder.path, { S: 'one' }),
    resolveIn(folder.path, { S: 'two' }),
  ]);
  const [a, b] = first.project.services;
  expect(a?.uploads).toEqual([
    { path: '/run/secrets/s', content: 'one', mode: 0o400, uid: 7 },
    { path: '/c', content: 'v=one $1', mode: 0o444 },
  ]);
  expect(b?.uploadsDigest).toBe('');
  expect(a?.uploadsDigest).not.toBe(second.project.services[0]?.uploadsDigest);
  expect(a?.hashInput).toBe(second.project.services[0]?.hashInput);
});

it('conditions, health checks, options, classes and stop settings arrive in milliseconds and seconds', async () => {
  await using folder = await temporaryFolder({
    'compose.yaml': `
services:
  db:
    image: db
    healthcheck: { test: [CMD, ready], interval: 1m30s, timeout: 1500ms, start_period: 2s }
    stop_grace_period: 1500ms
    stop_signal: SIGINT
    labels: { dive.service.class: optional }
    x-dive: { timeout: 4m, settle: 500ms, probes: [{ kind: tcp }] }
  once: { image: db, healthcheck: { test: [NONE] } }
  web:
    image: web
    depends_on:
      db: { condition: service_healthy, restart: true }
      once: { condition: service_completed_successfully, required: false }
`,
  });
  const { project } = await resolveIn(folder.path);
  const [db, once, web] = ProjectSpec.parse(JSON.parse(JSON.stringify(project))).services;
  expect(db).toMatchObject({
    healthCheck: { test: ['CMD', 'ready'], intervalMs: 90_000, timeoutMs: 1500, startPeriodMs: 2000, retries: 3 },
    class: 'optional',
    options: { timeoutMs: 240_000, settleMs: 500, probes: [{ kind: 'tcp' }] },
    stopSignal: 'SIGINT',
    stopTimeoutS: 1,
  });
  expect(once).toMatchObject({ healthCheckDisabled: true, class: 'core', stopTimeoutS: 10 });
  expect(once?.healthCheck).toBeUndefined();
  expect(web?.dependsOn).toEqual([
    { service: 'db', condition: 'service_healthy', required: true, restart: true },
    { service: 'once', condition: 'service_completed_successfully', required: false, restart: false },
  ]);
});

it('an unset variable is a warning that names it', async () => {
  await using folder = await temporaryFolder({
    'compose.yaml': 'services: { a: { image: x, hostname: "${NOT_SET}" } }\n',
  });
  const { warnings } = await resolveIn(folder.path);
  expect(warnings).toEqual([
    {
      code: 'DIVE-1103',
      file: path.join(folder.path, 'compose.yaml'),
      message: 'NOT_SET is not set and becomes an empty text',
    },
  ]);
});

it.each([
  ['found above the caller’s folder', undefined, 'x:deep-project-deep'],
  ['named by -f', ['../compose.yaml'], 'x:project-project-'],
])('`.env` of the caller’s folder counts as in Compose when the file is %s', async (_how, files, image) => {
  await using folder = await temporaryFolder({
    'compose.yaml': 'services: { a: { image: "x:${A-}-${B-}-${C-}" } }\n',
    '.env': 'A=project\nB=project\n',
    'deep/.env': 'A=deep\nC=deep\n',
  });
  const request = { folder: path.join(folder.path, 'deep'), environment: {} };
  const found = await findComposeFiles(files === undefined ? request : { ...request, files });
  if (found.kind !== 'found') throw new Error(found.finding.message);
  const { project } = await resolve(found.source);
  expect(project.services[0]?.image).toBe(image);
});

it('x-dive is read from a file whose path holds a variable', async () => {
  await using folder = await temporaryFolder({
    'compose.yaml': 'include: ["${PART:-part}/compose.yaml"]\nservices: { a: { image: x, x-dive: { timeout: 3m } } }\n',
    'part/compose.yaml': 'services: { b: { image: x, x-dive: { timeout: 5m } } }\n',
  });
  const { project } = await resolveIn(folder.path);
  expect(project.services.map(({ name, options }) => [name, options.timeoutMs])).toEqual([
    ['a', 180_000],
    ['b', 300_000],
  ]);
});
