// The judge of the translation must itself see differences.
import { differences, normalise } from '../compare/inspection.ts';

const container = (more: { Config?: object; HostConfig?: object } = {}): object => ({
  Id: 'f'.repeat(64),
  Name: '/p-a-1',
  Path: 'sleep',
  Args: ['1'],
  Config: {
    Hostname: 'f'.repeat(12),
    Cmd: ['sleep', '1'],
    Env: ['B=2', 'A=/srv/project/x'],
    Labels: {
      'com.docker.compose.project.working_dir': '/srv/project',
      'com.docker.compose.depends_on': 'b:x,a:y',
      own: '1',
    },
    ...more.Config,
  },
  HostConfig: { Binds: ['/srv/project/a:/a:rw'], Memory: 0, ...more.HostConfig },
  NetworkSettings: { Networks: { n: { Aliases: ['f'.repeat(12), 'a'], IPAMConfig: {}, IPAddress: '10.0.0.2' } } },
  Mounts: [{ Type: 'volume', Name: '0'.repeat(64), Destination: '/v', RW: true, Mode: '', Propagation: '' }],
});
const one = (more?: { Config?: object; HostConfig?: object }): ReturnType<typeof normalise> =>
  normalise([container(more)], 'compose.yaml');

it('leaves out what the engine makes up', () => {
  expect(one()).toMatchObject({
    'p-a-1': {
      Config: { Hostname: '<id12>', Env: ['A=<DIR>/x', 'B=2'], Labels: { 'com.docker.compose.depends_on': 'a:y,b:x' } },
      HostConfig: { Binds: ['<DIR>/a:/a:rw'] },
      Networks: { n: { Aliases: ['a'], IPAMConfig: null } },
      Mounts: [{ Name: '<anonymous>' }],
    },
  });
});

it.each<[string, { Config?: object; HostConfig?: object }, string[]]>([
  ['nothing', {}, []],
  ['a limit', { HostConfig: { Memory: 5 } }, ['p-a-1.HostConfig.Memory']],
  ['an empty list for null', { HostConfig: { Dns: [] } }, []],
  ['an empty command', { Config: { Cmd: null } }, ['p-a-1.Config.Cmd']],
  ['a variable', { Config: { Env: ['A=/srv/project/x', 'B=3'] } }, ['p-a-1.Config.Env']],
])('sees the difference of %s', (_name, more, at) => {
  expect(differences(one(), one(more)).map((difference) => difference.at)).toEqual(at);
});

it('sees a container that is missing or too many, and allows labels of ours', () => {
  const labels = {
    'com.docker.compose.project.working_dir': '/srv/project',
    'com.docker.compose.depends_on': 'b:x,a:y',
    own: '1',
  };
  expect(differences(one(), one({ Config: { Labels: { ...labels, 'dive.op': '7' } } }))).toEqual([]);
  expect(differences(one(), one({ Config: { Labels: { ...labels, other: '7' } } }))).toHaveLength(1);
  expect(differences(one(), {})).toHaveLength(1);
  expect(differences({}, one())).toHaveLength(1);
});
