// Limits, devices and kernel settings → HostConfig. Limits under deploy win.
import { isJsonMap, toPlain, type JsonMap } from '../../schema/ordered-json.ts';
import { optional } from './process-fields.ts';
import { asText, flagAt, mapAt, mapsAt, numberAt, textAt, textsAt } from './read.ts';

const NANO = 1e9;

export function resourceFields(service: JsonMap): Record<string, unknown> {
  const resources = mapAt(mapAt(service, 'deploy'), 'resources');
  const limits = mapAt(resources, 'limits');
  const reservations = mapAt(resources, 'reservations');
  const cpus = positive(numberAt(limits, 'cpus')) ?? numberAt(service, 'cpus');
  return {
    ...optional('Memory', positive(numberAt(limits, 'memory')) ?? numberAt(service, 'mem_limit')),
    ...optional(
      'MemoryReservation',
      positive(numberAt(reservations, 'memory')) ?? numberAt(service, 'mem_reservation'),
    ),
    ...optional('MemorySwap', numberAt(service, 'memswap_limit')),
    // Compose cannot say 0: it drops it.
    ...optional('MemorySwappiness', positive(numberAt(service, 'mem_swappiness'))),
    ...optional('NanoCpus', cpus === undefined ? undefined : nanoCpus(cpus)),
    ...optional('CpuShares', numberAt(service, 'cpu_shares')),
    ...optional('CpuPeriod', microseconds(service, 'cpu_period')),
    ...optional('CpuQuota', microseconds(service, 'cpu_quota')),
    ...optional('CpusetCpus', textAt(service, 'cpuset')),
    ...optional('PidsLimit', positive(numberAt(limits, 'pids')) ?? nonZero(numberAt(service, 'pids_limit'))),
    ...optional('CgroupParent', textAt(service, 'cgroup_parent')),
    OomKillDisable: flagAt(service, 'oom_kill_disable'),
    ...optional('OomScoreAdj', numberAt(service, 'oom_score_adj')),
    ...optional('ShmSize', numberAt(service, 'shm_size')),
    ...blockIo(mapAt(service, 'blkio_config')),
    ...optional('Ulimits', ulimits(service)),
    ...optional('Devices', devices(service)),
    ...optional('DeviceRequests', deviceRequests(service, reservations)),
    ...optional('DeviceCgroupRules', textsAt(service, 'device_cgroup_rules')),
  };
}

/** Compose holds CPUs in 32 bits; the same rounding gives the same number of nanoseconds. */
export function nanoCpus(cpus: number): number {
  return Math.trunc(Math.fround(Math.fround(cpus) * NANO));
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function nonZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

function microseconds(service: JsonMap, key: string): number | undefined {
  return numberAt(service, key);
}

function blockIo(config: JsonMap): Record<string, unknown> {
  const rates = (key: string): unknown =>
    config.has(key)
      ? mapsAt(config, key).map((rate) => ({ Path: textAt(rate, 'Path') ?? '', Rate: numberAt(rate, 'Rate') ?? 0 }))
      : undefined;
  const weights = config.has('weight_device')
    ? mapsAt(config, 'weight_device').map((item) => ({
        Path: textAt(item, 'Path') ?? '',
        Weight: numberAt(item, 'Weight') ?? 0,
      }))
    : undefined;
  return {
    ...optional('BlkioWeight', numberAt(config, 'weight')),
    ...optional('BlkioWeightDevice', weights),
    ...optional('BlkioDeviceReadBps', rates('device_read_bps')),
    ...optional('BlkioDeviceReadIOps', rates('device_read_iops')),
    ...optional('BlkioDeviceWriteBps', rates('device_write_bps')),
    ...optional('BlkioDeviceWriteIOps', rates('device_write_iops')),
  };
}

function ulimits(service: JsonMap): unknown {
  if (!service.has('ulimits')) return undefined;
  const limits = mapAt(service, 'ulimits');
  return [...limits].map(([name, value]) =>
    isJsonMap(value)
      ? { Name: name, Soft: numberAt(value, 'soft') ?? 0, Hard: numberAt(value, 'hard') ?? 0 }
      : { Name: name, Soft: Number(asText(value)), Hard: Number(asText(value)) },
  );
}

function devices(service: JsonMap): unknown {
  if (!service.has('devices')) return undefined;
  return mapsAt(service, 'devices').map((device) => ({
    PathOnHost: textAt(device, 'source') ?? '',
    PathInContainer: textAt(device, 'target') ?? '',
    CgroupPermissions: textAt(device, 'permissions') ?? '',
  }));
}

function deviceRequests(service: JsonMap, reservations: JsonMap): unknown {
  const requests = [
    ...mapsAt(reservations, 'devices').map((device) => deviceRequest(device, [])),
    ...mapsAt(service, 'gpus').map((gpu) => deviceRequest(gpu, ['gpu'])),
  ];
  return requests.length === 0 ? undefined : requests;
}

function deviceRequest(device: JsonMap, extra: readonly string[]): Record<string, unknown> {
  return {
    Driver: textAt(device, 'driver') ?? '',
    Count: device.get('count') === 'all' ? -1 : (numberAt(device, 'count') ?? 0),
    DeviceIDs: textsAt(device, 'device_ids') ?? null,
    Capabilities: [[...(textsAt(device, 'capabilities') ?? []), ...extra]],
    Options: device.has('options') ? toPlain(mapAt(device, 'options')) : null,
  };
}
