// The image every engine test can run: a static busybox, no registry needed.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const TEST_IMAGE = 'dive-test/busybox:1';
const BUSYBOX = '/bin/busybox';

function isThere(): boolean {
  return execFileSync('docker', ['images', '-q', TEST_IMAGE], { encoding: 'utf8' }).trim() !== '';
}

/** Makes it when it is missing: every applet in /bin, an empty /tmp and /www, `sh` as its command. */
export function makeTestImage(): void {
  if (isThere()) return;
  if (!existsSync(BUSYBOX)) throw new Error(`${BUSYBOX} is missing: apt-get install -y busybox-static`);
  const folder = mkdtempSync(join(tmpdir(), 'dive-test-image-'));
  try {
    for (const name of ['bin', 'tmp', 'www']) mkdirSync(join(folder, name));
    copyFileSync(BUSYBOX, join(folder, 'bin', 'busybox'));
    const applets = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n');
    for (const applet of applets) {
      if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(folder, 'bin', applet));
    }
    const tar = execFileSync('tar', ['-C', folder, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 });
    const changes = ['-c', 'CMD ["sh"]', '-c', 'ENV PATH=/bin', '-c', 'LABEL dive.test=image'];
    execFileSync('docker', ['import', ...changes, '-', TEST_IMAGE], { input: tar });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
