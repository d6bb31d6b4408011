// Every key that may stand in a Compose file, in one of three classes: translated, known without effect (warned about),
// refused. A key that stands nowhere here is refused too, so that nothing is ever ignored silently.

export type KeyRule =
  | { readonly class: 'translated' }
  /** The reason, told to the user. */
  | { readonly class: 'warned'; readonly why: string }
  | { readonly class: 'refused'; readonly why: string }
  /** Translated key by key. */
  | { readonly class: 'object'; readonly keys: KeyTable }
  /** Names of the user's own, each with the same rule; null values count as empty. */
  | { readonly class: 'named'; readonly rule: KeyRule }
  | { readonly class: 'list'; readonly rule: KeyRule }
  /** Only engines from this API version on know it: refused on older ones, or warned about when it only describes. */
  | { readonly class: 'since'; readonly api: string; readonly engine: string; readonly older: 'refused' | 'warned' };

export type KeyTable = Readonly<Record<string, KeyRule>>;

const used: KeyRule = { class: 'translated' };
const warned = (why: string): KeyRule => ({ class: 'warned', why });
const refused = (why: string): KeyRule => ({ class: 'refused', why });
const object = (keys: KeyTable): KeyRule => ({ class: 'object', keys });
const named = (rule: KeyRule): KeyRule => ({ class: 'named', rule });
const list = (rule: KeyRule): KeyRule => ({ class: 'list', rule });
const since = (api: string, engine: string, older: 'refused' | 'warned' = 'refused'): KeyRule => ({
  class: 'since',
  api,
  engine,
  older,
});

const all = (names: string): KeyTable => Object.fromEntries(names.split(' ').map((name) => [name, used]));
const swarm = warned('only a swarm looks at it');
const ownMachinery = refused('only Compose itself can do it');

const devices = list(object(all('capabilities driver count device_ids options')));
const limits = object({ ...all('cpus memory pids'), devices: swarm, generic_resources: swarm });
const reservations = object({ memory: used, devices, cpus: swarm, pids: swarm, generic_resources: swarm });
const deploy = object({
  replicas: used,
  mode: warned('without a swarm every service is replicated'),
  labels: warned('they do not reach containers; use labels of the service'),
  update_config: swarm,
  rollback_config: swarm,
  placement: swarm,
  endpoint_mode: swarm,
  resources: object({ limits, reservations }),
  restart_policy: object({ condition: used, max_attempts: used, delay: swarm, window: swarm }),
});

const volumes = list(
  object({
    ...all('type source target read_only consistency'),
    bind: object({ ...all('create_host_path propagation selinux'), recursive: since('1.44', '25') }),
    volume: object({ nocopy: used, labels: used, subpath: since('1.45', '26') }),
    tmpfs: object(all('size mode')),
    image: refused('images as mounts need Engine 28 and are not translated'),
  }),
);

const networks = named(
  object({
    ...all('aliases ipv4_address ipv6_address link_local_ips priority driver_opts'),
    mac_address: since('1.44', '25'),
    gw_priority: since('1.48', '28', 'warned'),
    interface_name: refused('it needs Engine 28.1 and is not translated'),
  }),
);

const fileReference = list(object(all('source target uid gid mode')));
const hook = list(object(all('command user privileged working_dir environment')));
// Compose prints these two with capitals.
const rates = list(object(all('Path Rate')));

export const SERVICE_KEYS: KeyTable = {
  ...all('image build command entrypoint environment user working_dir hostname domainname tty stdin_open mac_address'),
  ...all('container_name platform pull_policy profiles scale stop_signal stop_grace_period labels init'),
  ...all('expose tmpfs network_mode pid ipc uts userns_mode cgroup links external_links volumes_from restart'),
  ...all('mem_limit mem_reservation memswap_limit mem_swappiness cpus cpu_shares cpuset cpu_quota cpu_period'),
  ...all('pids_limit shm_size oom_score_adj oom_kill_disable cgroup_parent runtime privileged read_only'),
  ...all('cap_add cap_drop security_opt sysctls dns dns_search dns_opt group_add device_cgroup_rules storage_opt'),
  ...all('extra_hosts'),
  annotations: since('1.43', '24', 'warned'),
  depends_on: named(object(all('condition required restart'))),
  ports: list(
    object({
      ...all('target published host_ip protocol'),
      mode: used,
      name: warned('it only describes the port'),
      app_protocol: warned('it only describes the port'),
    }),
  ),
  healthcheck: object({
    ...all('test interval timeout start_period retries disable'),
    start_interval: since('1.44', '25'),
  }),
  ulimits: used,
  blkio_config: object({
    weight: used,
    weight_device: list(object(all('Path Weight'))),
    device_read_bps: rates,
    device_read_iops: rates,
    device_write_bps: rates,
    device_write_iops: rates,
  }),
  logging: object(all('driver options')),
  devices: list(object(all('source target permissions'))),
  gpus: devices,
  volumes,
  networks,
  secrets: fileReference,
  configs: fileReference,
  deploy,
  attach: warned('only docker compose up in the foreground looks at it'),
  develop: warned('only docker compose watch looks at it'),
  post_start: hook,
  pre_stop: hook,
  provider: ownMachinery,
  models: ownMachinery,
  use_api_socket: ownMachinery,
  credential_spec: refused('it is for Windows containers'),
  isolation: refused('it is for Windows containers'),
  cpu_count: refused('it is for Windows containers'),
  cpu_percent: refused('it is for Windows containers'),
  cpu_rt_period: refused('real-time scheduling is not translated'),
  cpu_rt_runtime: refused('real-time scheduling is not translated'),
};

const fileObject = object({
  ...all('name file environment content'),
  labels: swarm,
  external: refused('an engine without swarm has no such object; use file, environment or content'),
  driver: refused('an engine without swarm has no drivers for it'),
  driver_opts: refused('an engine without swarm has no drivers for it'),
  template_driver: refused('an engine without swarm has no templates'),
});

/** Keys of the objects at the top of the file; services have their own table. */
export const TOP_KEYS = {
  networks: named(
    object({
      ...all('name driver driver_opts external internal attachable labels enable_ipv6'),
      enable_ipv4: since('1.48', '28'),
      ipam: object({
        driver: used,
        config: list(object(all('subnet gateway ip_range aux_addresses'))),
        options: refused('Compose does not hand it to the engine'),
      }),
    }),
  ),
  volumes: named(object(all('name driver driver_opts external labels'))),
  secrets: named(fileObject),
  configs: named(fileObject),
} satisfies KeyTable;
