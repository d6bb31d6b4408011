// `docker inspect` of a project's containers in a form that can be compared: what the engine makes up at each create
// (ids, times, addresses, its own paths) is left out, what Compose or dive asked for stays.
import path from 'node:path';

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };
export type Inspection = Record<string, Plain>;

const COMPOSE = 'com.docker.compose.';
/** Lists in which Compose itself has no fixed order, because it makes them from maps. */
const UNORDERED: ReadonlySet<string> = new Set(
  'Env Binds Aliases Ulimits CapAdd CapDrop ExtraHosts Links SecurityOpt Mounts'.split(' '),
);
/** Where null and an empty list mean different things to the engine. */
const EXACT = /\.(Cmd|Entrypoint)$/;

interface InspectedContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Config: { readonly Labels: Record<string, string>; readonly Hostname?: string };
}

/** By container name. `file` is the Compose file relative to the project's root, which becomes `<DIR>`. */
export function normalise(containers: readonly object[], file: string): Inspection {
  const list = containers.filter(isContainer);
  const names = new Map(list.map((container) => [container.Id, container.Name.slice(1)]));
  return Object.fromEntries(list.map((container) => [container.Name.slice(1), normaliseOne(container, names, file)]));
}

export interface Difference {
  readonly at: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Labels of ours are no difference; nor is an absent value against an empty one, save for commands. */
export function differences(expected: Inspection, actual: Inspection): Difference[] {
  return compare(expected, actual, '').map(({ at, ...rest }) => ({ at: at.slice(1), ...rest }));
}

function compare(expected: Plain | undefined, actual: Plain | undefined, at: string): Difference[] {
  if (JSON.stringify(expected) === JSON.stringify(actual)) return [];
  if (isEmpty(expected) && isEmpty(actual) && !EXACT.test(at)) return [];
  if (!isObject(expected) || !isObject(actual)) return [{ at, expected, actual }];
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].flatMap((key) =>
    at.endsWith('.Labels') && key.startsWith('dive.') && !(key in expected)
      ? []
      : compare(expected[key], actual[key], `${at}.${key}`),
  );
}

function normaliseOne(container: InspectedContainer, names: ReadonlyMap<string, string>, file: string): Plain {
  const root = projectRoot(container, file);
  const tidy = (text: string): string => {
    const relative = root === undefined ? text : text.replaceAll(root, '<DIR>');
    return [...names].reduce((found, [id, name]) => found.replaceAll(id, `<${name}>`), relative);
  };
  const { Path, Args, Platform, Config, HostConfig, NetworkSettings, Mounts } = toPlain(container, tidy);
  const { ConsoleSize: _console, ContainerIDFile: _idFile, ...host } = asObject(HostConfig);
  const networks = Object.entries(asObject(asObject(NetworkSettings)['Networks'])).map(([name, endpoint]) => [
    name,
    endpointOf(asObject(endpoint), container.Id),
  ]);
  const mounts = sorted(asList(Mounts).map((mount) => mountOf(asObject(mount))));
  return toPlain(
    {
      Path,
      Args,
      Platform,
      Config: configOf(asObject(Config), container),
      HostConfig: host,
      Networks: Object.fromEntries(networks),
      Mounts: mounts,
    },
    (text) => text,
  );
}

function configOf(config: Record<string, Plain>, container: InspectedContainer): Record<string, Plain> {
  const labels = { ...asObject(config['Labels']) };
  for (const key of ['config-hash', 'image']) if (labels[COMPOSE + key]) labels[COMPOSE + key] = `<${key}>`;
  delete labels[`${COMPOSE}replace`];
  const change = (key: string, by: (text: string) => string): void => {
    const label = labels[COMPOSE + key];
    if (typeof label === 'string') labels[COMPOSE + key] = by(label);
  };
  change('depends_on', (text) => text.split(',').sort().join(','));
  change('project.config_files', (text) =>
    text
      .split(',')
      .map((name) => path.basename(name))
      .join(','),
  );
  const shortId = container.Id.slice(0, 12);
  return { ...config, Labels: labels, ...(config['Hostname'] === shortId ? { Hostname: '<id12>' } : {}) };
}

function endpointOf(endpoint: Record<string, Plain>, id: string): Plain {
  const ipam = asObject(endpoint['IPAMConfig']);
  return {
    Aliases: sorted(asList(endpoint['Aliases']).filter((alias) => alias !== id.slice(0, 12))),
    Links: endpoint['Links'] ?? null,
    IPAMConfig: Object.keys(ipam).length === 0 ? null : ipam,
    DriverOpts: endpoint['DriverOpts'] ?? null,
  };
}

function mountOf(mount: Record<string, Plain>): Plain {
  const { Type, Destination, RW, Mode, Propagation, Name, Source } = mount;
  const common = { Type: Type ?? null, Destination: Destination ?? null, RW: RW ?? null, Mode: Mode ?? null };
  const where =
    Type === 'volume'
      ? { Name: typeof Name === 'string' && /^[0-9a-f]{64}$/.test(Name) ? '<anonymous>' : (Name ?? null) }
      : { Source: Source ?? null };
  return { ...common, Propagation: Propagation ?? null, ...where };
}

/** The folder above the Compose file that the project was copied to. */
function projectRoot(container: InspectedContainer, file: string): string | undefined {
  const folder = container.Config.Labels[`${COMPOSE}project.working_dir`];
  const below = path.dirname(file);
  if (folder === undefined || below === '.') return folder;
  return folder.endsWith(`/${below}`) ? folder.slice(0, -below.length - 1) : folder;
}

/** Keys sorted, lists without an order of their own sorted, texts changed by `tidy`. */
function toPlain(value: object, tidy: (text: string) => string): Record<string, Plain>;
function toPlain(value: unknown, tidy: (text: string) => string, key?: string): Plain;
function toPlain(value: unknown, tidy: (text: string) => string, key = ''): Plain {
  if (typeof value === 'string') return tidy(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    const list = value.map((item) => toPlain(item as unknown, tidy, ''));
    return UNORDERED.has(key) ? sorted(list) : list;
  }
  if (typeof value !== 'object' || value === null) return null;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((name) => [name, toPlain(Reflect.get(value, name) as unknown, tidy, name)]));
}

function sorted(list: Plain[]): Plain[] {
  return list
    .map((item) => ({ item, text: JSON.stringify(item) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ item }) => item);
}

function isEmpty(value: Plain | undefined): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isObject(value: Plain | undefined): value is Record<string, Plain> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: Plain | undefined): Record<string, Plain> {
  return isObject(value) ? value : {};
}

function asList(value: Plain | undefined): Plain[] {
  return Array.isArray(value) ? value : [];
}

function isContainer(value: object): value is InspectedContainer {
  return 'Id' in value && 'Name' in value && 'Config' in value;
}
