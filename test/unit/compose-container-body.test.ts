import { sha256Hex } from '../../schema/digest.ts';
import { configHash, containerBody } from '../../schema/container-body.ts';
import { readModel } from '../../adapters/compose/model.ts';
import { asMap } from '../../adapters/compose/read.ts';
import { translateService } from '../../adapters/compose/translate-service.ts';
import type { ServiceSpec } from '../../schema/spec.ts';

const ID = 'a'.repeat(64);
const source = { workingDir: '/p', files: ['/p/compose.yaml'], envFiles: [], profiles: [], environment: {} };

function translate(service: object, others: object = {}): ServiceSpec {
  const networks = { default: { name: 'p_default', ipam: {} }, front: { name: 'real-front', ipam: {} } };
  const model = readModel(
    JSON.stringify({ name: 'p', networks, services: { ...others, s: { image: 'i:1', ...service } } }),
  );
  const context = {
    project: 'p',
    composeVersion: '2',
    source,
    model,
    variable: () => undefined,
    labelFiles: new Map(),
    options: new Map(),
    proxies: new Map([
      ['HTTP_PROXY', 'http://proxy'],
      ['no_proxy', 'everywhere'],
    ]),
  };
  return translateService('s', asMap(model.services.get('s')), context);
}

const finish = (spec: ServiceSpec, number = 1): ReturnType<typeof containerBody> =>
  containerBody(
    spec,
    { name: `p-s-${number}`, number },
    { imageId: 'sha256:1', containerIds: { base: ID }, extraLabels: { 'dive.op': 'x' } },
  );

it('puts the container name first among the aliases and connects all but the first network later', () => {
  const { body, networksToConnect } = finish(
    translate({ networks: { default: null, front: { aliases: ['www'], priority: 5 } } }),
  );
  expect(body['NetworkingConfig']).toEqual({
    EndpointsConfig: { 'real-front': { Aliases: ['p-s-1', 's', 'www'], IPAMConfig: {} } },
  });
  expect(body.HostConfig['NetworkMode']).toBe('real-front');
  expect(networksToConnect).toEqual([{ network: 'p_default', settings: { Aliases: ['p-s-1', 's'] } }]);
});

it('adds hash, image and number to the labels, and ours', () => {
  const { body, configHash: hash } = finish(translate({ labels: { own: '1' } }), 2);
  expect(body.Labels).toMatchObject({
    own: '1',
    'dive.op': 'x',
    'com.docker.compose.config-hash': hash,
    'com.docker.compose.image': 'sha256:1',
    'com.docker.compose.container-number': '2',
  });
});

it('resolves shared namespaces and volumes in the body and in the hash, `:ro` lost', () => {
  const spec = translate({
    network_mode: 'service:base',
    pid: 'service:base',
    ipc: 'host',
    volumes_from: ['base:ro', 'container:c1:ro'],
  });
  const { body, configHash: hash } = finish(spec);
  expect(spec.sharesWith).toEqual(['base']);
  expect(body.HostConfig).toMatchObject({
    NetworkMode: `container:${ID}`,
    PidMode: `container:${ID}`,
    IpcMode: 'host',
    VolumesFrom: [ID, 'c1'],
  });
  expect(body['NetworkingConfig']).toBeUndefined();
  const hashed = `{"image":"i:1","network_mode":"container:${ID}","pid":"container:${ID}","ipc":"host","volumes_from":["${ID}","c1"]}`;
  expect(hash).toBe(sha256Hex(hashed));
});

it('refuses to finish while a container that is shared with does not exist', () => {
  const spec = translate({ network_mode: 'service:constructor' });
  expect(() => configHash(spec, {})).toThrow(RangeError);
});

it('hashes neither build, scale, replicas, depends_on, profiles nor the pull policy', () => {
  const plain = translate({ labels: { a: '$$<' } });
  const more = translate({
    build: { context: '/p' },
    depends_on: { x: { condition: 'service_started', required: true } },
    labels: { a: '$$<' },
    profiles: ['p'],
    pull_policy: 'always',
    scale: 2,
  });
  expect(more.hashInput).toBe(plain.hashInput);
  expect(plain.hashInput).toBe('{"image":"i:1","labels":{"a":"$\\u003c"}}');
});

it('names the aliases of a link after the number of the container that has it', () => {
  const { body } = finish(translate({ links: ['db:alias'] }, { db: { image: 'i' } }), 2);
  expect(body.HostConfig['Links']).toEqual(['p-db-1:alias', 'p-db-1:db-2', 'p-db-1:p-db-2']);
});

it('gives the proxies of the Docker configuration to every container; the file wins', () => {
  expect(translate({ environment: { A: '1', no_proxy: 'local' } }).body['Env']).toEqual([
    'HTTP_PROXY=http://proxy',
    'no_proxy=local',
    'A=1',
  ]);
});

it('leaves the spec as it was', () => {
  const spec = translate({ networks: { default: null } });
  const before = JSON.stringify(spec);
  finish(spec);
  expect(JSON.stringify(spec)).toBe(before);
});
