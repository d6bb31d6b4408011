// For tests only: a program that a tiny image can be made of without a registry.
const fs = require('node:fs');
const { aptCommand, aptInstall, hasApt } = require('./apt.cjs');

/** @type {import('./steps.cjs').Step} */
const busybox = {
  title: 'busybox for the test image',
  async check() {
    if (fs.existsSync('/bin/busybox')) return { state: 'there' };
    if (!hasApt())
      return { state: 'missing', what: 'busybox, statically linked', command: aptCommand(['busybox-static']) };
    return { state: 'wanted', what: 'busybox for the test image (Debian package busybox-static)' };
  },
  async bring() {
    await aptInstall(['busybox-static']);
  },
};

module.exports = { busybox };
