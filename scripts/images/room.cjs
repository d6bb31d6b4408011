// Is there room on disk for what will be made? Asked before, because a full disk in the middle hurts others too.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** Kept free beside what is made, in megabytes. */
const MARGIN = 500;

function existing(folder) {
  let at = folder;
  while (!fs.existsSync(at)) at = path.dirname(at);
  return at;
}

/** Where the engine keeps images; undefined when that is not on this machine. */
function engineFolder() {
  const asked = spawnSync('docker', ['info', '--format', '{{.DockerRootDir}}'], { encoding: 'utf8', timeout: 10_000 });
  const folder = asked.stdout?.trim();
  return folder && fs.existsSync(folder) ? folder : undefined;
}

/**
 * A sentence for each file system without room, or nothing.
 * @param {[folder: string, megabytes: number][]} wanted
 * @param {(folder: string) => { device: number, freeMegabytes: number }} look
 */
function lackOfRoom(wanted, look = lookAt) {
  const byDevice = new Map();
  for (const [folder, megabytes] of wanted) {
    if (megabytes === 0) continue;
    const { device, freeMegabytes } = look(folder);
    const so = byDevice.get(device) ?? { folder, free: freeMegabytes, megabytes: MARGIN };
    byDevice.set(device, { ...so, megabytes: so.megabytes + megabytes });
  }
  const gigabytes = (mb) => (mb / 1000).toFixed(1);
  return [...byDevice.values()]
    .filter((d) => d.free < d.megabytes)
    .map(
      (d) =>
        `${d.folder} has ${gigabytes(d.free)} GB free, and ${gigabytes(d.megabytes)} GB are needed while the images are made; docker system df shows what the engine holds`,
    );
}

function lookAt(folder) {
  const at = existing(folder);
  const { bavail, bsize } = fs.statfsSync(at);
  return { device: fs.statSync(at).dev, freeMegabytes: (bavail * bsize) / 1_000_000 };
}

module.exports = { engineFolder, lackOfRoom };
