import { proxyVariables } from '../../adapters/compose/proxy-settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function read(config: string | undefined, environment: Record<string, string> = {}): Promise<object> {
  await using folder = await temporaryFolder(config === undefined ? {} : { 'config.json': config });
  const source = { workingDir: '/', files: [], envFiles: [], profiles: [] };
  return Object.fromEntries(
    await proxyVariables({ ...source, environment: { DOCKER_CONFIG: folder.path, ...environment } }),
  );
}

const CONFIG = JSON.stringify({
  auths: {},
  proxies: { default: { httpProxy: 'http://p', noProxy: '' }, 'tcp://other:2375': { allProxy: 'socks5://a' } },
});

it('are the default ones, in both spellings', async () => {
  expect(await read(CONFIG)).toEqual({ HTTP_PROXY: 'http://p', http_proxy: 'http://p' });
});

it('are those of the engine where it has its own', async () => {
  expect(await read(CONFIG, { DOCKER_HOST: 'tcp://other:2375' })).toEqual({
    ALL_PROXY: 'socks5://a',
    all_proxy: 'socks5://a',
  });
});

it.each([undefined, '{}', 'no json', '{"proxies":7}'])('are none with the configuration %j', async (config) => {
  expect(await read(config)).toEqual({});
});
