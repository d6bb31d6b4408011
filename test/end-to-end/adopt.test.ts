// What another dive made is left alone until --adopt takes it over; then it is as one's own, also for going back.
import { connect, startDeployment } from '../../client/index.ts';
import { TestProject, resultOf, testServer } from '../support/command.ts';
import { service, services } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(120_000);

const data = service('data', { more: ['volumes: ["kept:/data"]'] });
const web = (run?: string): string => service('web', { ...(run && { run }), more: ['restart: "no"'] });
const VOLUMES = 'volumes: { kept: {} }';

test('another store’s containers are refused, taken over with --adopt, given back on failure, and own afterwards', async () => {
  await using home = await temporaryFolder();
  const theirs = { DIVE_HOME: home.path };
  await using project = await TestProject.make('adopt', services(data, web()), VOLUMES);
  try {
    // The same instance and the same number of operation in both stores: only the store tells them apart.
    expect((await project.beginWith(theirs, 'up').ended).code).toBe(0);
  } finally {
    await project.beginWith(theirs, 'server', 'stop').ended;
  }
  const before = await project.ids();

  await project.write(services(data, web('exit 3')), VOLUMES);
  const refused = await project.dive('up', '--json');
  expect(resultOf(refused)).toMatchObject({ code: 'DIVE-1008', exitCode: 7 });
  expect(await project.ids()).toEqual(before);

  const failed = await project.dive('up', '--adopt', '--json');
  expect(resultOf(failed)).toMatchObject({ code: 'DIVE-1202', exitCode: 1, outcome: 'rolled-back' });
  expect(await project.ids()).toEqual(before);

  await project.write(services(data, web('sleep 1000')), VOLUMES);
  expect(resultOf(await project.dive('up', '--json'))).toMatchObject({ code: 'DIVE-1008' });
  const taken = await project.dive('up', '--adopt', '--json');
  expect(resultOf(taken)).toMatchObject({ exitCode: 0, outcome: 'up', changed: ['web'] });
  const after = await project.ids();
  expect(after[project.container('data')]).toBe(before[project.container('data')]);
  expect(after[project.container('web')]).not.toBe(before[project.container('web')]);

  // Network, volume and one container still carry the other store's label.
  await project.write(services(data, web('sleep 1001')), VOLUMES);
  expect((await project.dive('plan')).code).toBe(2);
  expect(resultOf(await project.dive('up', '--json'))).toMatchObject({ exitCode: 0, outcome: 'up' });
  expect((await project.dive('down')).code).toBe(0);
  expect(await project.containers()).toEqual([]);
});

test('a project that is deployed as one instance is not touched by another, however that is started', async () => {
  await using project = await TestProject.make('twice', services(web('exit 3')));
  const other = `${project.instance}-B`;
  const topology = `version: 1\nhub: { code: ${other}, compose: compose.yaml }\n`;
  // Registered, and gone again: its project is free.
  await project.file('dive.yaml', topology);
  expect((await project.dive('up')).code).toBe(1);
  await project.remove('dive.yaml');
  await project.write(services(web('sleep 1000')));
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.ids();

  await project.file('dive.yaml', topology);
  for (const words of [['plan'], ['up'], ['up', '--move']]) {
    const refused = await project.dive(...words);
    expect([refused.code, refused.stderr]).toEqual([
      7,
      expect.stringContaining(`the project ${project.name} is deployed as ${project.instance} from ${project.path}`),
    ]);
  }
  const { temporalAddress: address, temporalNamespace: namespace } = testServer();
  const connection = await connect({ address, namespace });
  try {
    const ending = await (await startDeployment(connection.client, 'hub', { instance: other })).result();
    expect(ending).toMatchObject({ kind: 'failed', failure: { code: 'DIVE-1008', exitCode: 7 } });
  } finally {
    await connection.close();
  }
  const down = await project.dive('down', other, '--volumes', '--json');
  expect([down.code, down.stdout]).toEqual([7, expect.stringContaining('"code":"DIVE-1008"')]);
  expect(await project.ids()).toEqual(before);
  await project.remove('dive.yaml');
  expect((await project.dive('status')).code).toBe(0);
});
