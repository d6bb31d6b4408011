// A disk that is nearly full is said before anything is made.
const {
  lackOfRoom,
}: {
  readonly lackOfRoom: (
    wanted: readonly (readonly [string, number])[],
    look: (folder: string) => { readonly device: number; readonly freeMegabytes: number },
  ) => readonly string[];
} = require('../../scripts/images/room.cjs');

const disk = (device: number, freeMegabytes: number) => () => ({ device, freeMegabytes });

test('with room nothing is said', () => {
  expect(lackOfRoom([['/engine', 1_000]], disk(1, 1_500))).toEqual([]);
});

test('two folders of one file system are added up, and the margin once', () => {
  const wanted = [
    ['/engine', 1_000],
    ['/tools', 600],
  ] as const;
  expect(lackOfRoom(wanted, disk(1, 2_100))).toEqual([]);
  expect(lackOfRoom(wanted, disk(1, 2_099))).toEqual([
    expect.stringMatching(/^\/engine has 2\.1 GB free, and 2\.1 GB are needed/),
  ]);
});

test('where nothing is to be made no room is needed', () => {
  expect(lackOfRoom([['/engine', 0]], disk(1, 0))).toEqual([]);
});

test('of two file systems the full one is named', () => {
  const look = (folder: string) => ({ device: folder.length, freeMegabytes: folder === '/tools' ? 400 : 9_000 });
  const lacks = lackOfRoom(
    [
      ['/engine', 2_000],
      ['/tools', 1_500],
    ],
    look,
  );
  expect(lacks).toEqual([expect.stringMatching(/^\/tools has 0\.4 GB free, and 2\.0 GB are needed/)]);
});
