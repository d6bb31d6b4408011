// `dive logs`: interleaved, masked, of stopped containers too, and followed to the end.
import { TestProject, asRecord, docker, until } from '../support/command.ts';
import { service, services } from '../support/services.ts';

jest.setTimeout(90_000);

const SECRET = 'very-secret-word-7';
const says = (name: string, count: number): string =>
  `for i in $$(seq 1 ${count}); do echo ${name} $$i; sleep 0.02; done; echo pass $$PASSWORD >&2; exec sleep 3600`;

test('the lines of all services by time, without secrets, also when one has stopped', async () => {
  await using project = await TestProject.make(
    'logs',
    services(
      service('one', { run: says('one', 5), more: [`environment: { PASSWORD: ${SECRET} }`, 'restart: "no"'] }),
      service('two', { run: says('two', 5), more: [`environment: { PASSWORD: ${SECRET} }`] }),
    ),
  );
  expect((await project.dive('up')).code).toBe(0);
  await docker('kill', project.container('one'));

  const shown = await project.dive('logs');
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).not.toContain(SECRET);
  expect(shown.stdout).toMatch(/^one \| one 1$/m);
  expect(shown.stdout).toMatch(/^two \| pass \*\*\*$/m);

  const json = await project.dive('logs', '--json');
  const lines = json.stdout.trim().split('\n').map(asRecord);
  expect(lines).toHaveLength(12);
  const times = lines.map((l) => String(l['at']));
  expect(times).toEqual(times.toSorted());
  expect(lines).toContainEqual(
    expect.objectContaining({ type: 'log', version: 1, service: 'one', stream: 'stderr', text: 'pass ***' }),
  );

  expect((await project.dive('logs', '-n', '1', 'one')).stdout).toBe('one | pass ***\n');
  expect((await project.dive('logs', project.instance, 'two', '-t', '--tail=2')).stdout).toMatch(
    /^two \| \d{4}-\d\d-\d\dT\S+Z two 5\ntwo \| \S+Z pass \*\*\*\n$/,
  );
  expect((await project.dive('logs', '--since', '2099-01-01T00:00:00Z')).stdout).toBe('');
  const unknown = await project.dive('logs', 'three');
  expect(unknown).toMatchObject({ code: 7, stderr: expect.stringContaining('no service three') });
  expect((await project.dive('logs', '--since', 'noon')).code).toBe(7);

  const following = project.begin('logs', '-f', '-n', '0');
  await docker('exec', project.container('two'), 'sh', '-c', `echo later ${SECRET} > /proc/1/fd/1`);
  await until('the new line', () => following.output().includes('two | later ***') || undefined);
  await docker('kill', project.container('two'));
  const ended = await following.ended;
  expect(ended.code).toBe(0);
  expect(ended.stdout.match(/later/g)).toHaveLength(1);
});
