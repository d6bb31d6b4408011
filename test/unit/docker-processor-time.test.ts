import { countOf } from '../../adapters/docker/processor-time.ts';

const ID = '350f37ef46346cb898a37938d3595dca6fefe930843795a7ef1cf6535e3ffea7';

const read = (groups: string, text: string): { file: string; usedMs: number } | undefined => {
  const count = countOf(groups, ID);
  return count && { file: count.file, usedMs: count.usedMs(text) };
};

test('control groups of the first version: nanoseconds', () => {
  const file = `/sys/fs/cgroup/cpuacct/docker/${ID}/cpuacct.usage`;
  const both = `4:cpu,cpuacct:/docker/${ID}\n3:memory:/docker/${ID}\n0::/docker/${ID}\n`;
  expect(read(both, '37214108\n')).toEqual({ file, usedMs: 37.214108 });
  expect(read(`3:cpuset:/docker/${ID}\n2:cpuacct:/docker/${ID}\n`, '5000000\n')).toEqual({ file, usedMs: 5 });
});

test('of the second: microseconds, among others', () => {
  const file = `/sys/fs/cgroup/system.slice/docker-${ID}.scope/cpu.stat`;
  const text = 'usage_usec 41250\nuser_usec 30000\nsystem_usec 11250\n';
  expect(read(`0::/system.slice/docker-${ID}.scope\n`, text)).toEqual({ file, usedMs: 41.25 });
});

test('groups that are not the container’s say nothing: another process may have its number by now', () => {
  expect(read('0::/user.slice/user-0.slice\n', '')).toBeUndefined();
  expect(read('2:cpuacct:/\n0::/\n', '')).toBeUndefined();
  expect(read('', '')).toBeUndefined();
});
