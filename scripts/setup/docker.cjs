// A Docker engine where none answers.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const { aptCommand, aptInstall, hasApt, hasSystemd } = require('./apt.cjs');
const { engineAnswers, engineSocket, isRoot, programOf, run, until, which } = require('./machine.cjs');

const PACKAGES = ['docker.io', 'iptables'];
const LOG = '/var/log/dive-dockerd.log';
// A first start makes its storage and its bridge, 2 s; one after an unclean end first ends what was left, 11 s.
const START_TIMEOUT_MS = 60_000;

/** A pid file whose number now belongs to nobody, or to another program, keeps the engine from starting. */
function removeStalePidFile(file, program) {
  if (!fs.existsSync(file)) return;
  const pid = Number(fs.readFileSync(file, 'utf8').trim());
  if (!(pid > 0) || programOf(pid) !== program) fs.unlinkSync(file);
}

function startDetached() {
  const log = fs.openSync(LOG, 'a');
  const child = spawn(which('dockerd') ?? 'dockerd', [], { detached: true, cwd: '/', stdio: ['ignore', log, log] });
  child.on('error', () => {});
  child.unref();
  fs.closeSync(log);
}

async function start() {
  if (hasSystemd()) {
    await run('systemctl', ['enable', '--now', 'docker']);
  } else {
    removeStalePidFile('/var/run/docker.pid', 'dockerd');
    removeStalePidFile('/var/run/docker/containerd/containerd.pid', 'containerd');
    startDetached();
  }
  if (await until(() => engineAnswers('/var/run/docker.sock', 1_000), START_TIMEOUT_MS)) return;
  const log = fs.existsSync(LOG) ? fs.readFileSync(LOG, 'utf8').trim().split('\n').slice(-8).join('\n') : '';
  throw new Error(
    `the Docker engine does not answer ${START_TIMEOUT_MS / 1000} s after its start; ${LOG} ends with:\n${log}`,
  );
}

/** @type {import('./steps.cjs').Step} */
const docker = {
  title: 'Docker engine',
  async check() {
    const socket = engineSocket();
    // An engine far away, or chosen by a context, is the user's own affair: the command reports it when it is silent.
    if (socket === undefined || process.env.DOCKER_CONTEXT) return { state: 'there' };
    if (await engineAnswers(socket)) return { state: 'there' };
    if (socket !== '/var/run/docker.sock') {
      return {
        state: 'missing',
        what: `no Docker engine answers at DOCKER_HOST ${process.env.DOCKER_HOST}`,
        command: 'unset DOCKER_HOST',
      };
    }
    const installed = which('dockerd') !== undefined;
    if (installed && isRoot) return { state: 'wanted', what: 'a start of the Docker engine that is installed' };
    if (installed) {
      const command = fs.existsSync(socket)
        ? `sudo usermod -aG docker "$USER" && newgrp docker`
        : 'sudo systemctl enable --now docker';
      return { state: 'missing', what: 'a Docker engine that answers this user', command };
    }
    if (!hasApt()) return { state: 'missing', what: 'a Docker engine', command: engineCommand() };
    return {
      state: 'wanted',
      what: `Docker engine (Debian packages ${PACKAGES.join(', ')}), started, also after a reboot`,
    };
  },
  async bring() {
    if (!which('dockerd')) await aptInstall(PACKAGES, ['docker-cli']);
    if (!(await engineAnswers('/var/run/docker.sock'))) await start();
  },
};

function engineCommand() {
  if (process.platform !== 'linux') return 'install Docker Desktop or colima, and start it';
  if (which('apt-get')) return aptCommand(PACKAGES);
  if (which('dnf')) return 'sudo dnf install -y moby-engine && sudo systemctl enable --now docker';
  if (which('apk')) return 'sudo apk add docker && sudo rc-update add docker && sudo service docker start';
  return 'install Docker from the packages of this system, and start it';
}

module.exports = { docker, removeStalePidFile };
