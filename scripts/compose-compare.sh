#!/usr/bin/env bash
# Compares our translation with what Compose itself makes, for every project in a folder:
#   npm run compose:compare -- <folder>
# A project is a folder with its Compose file, images.txt, meta.json and expected.json (normalised docker inspect).
# Runs on a second Docker engine of its own, so it needs root, dockerd, unshare and the Compose plugin.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] || { echo 'usage: npm run compose:compare -- <folder>' >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo 'compose:compare starts an engine of its own, which needs root' >&2; exit 2; }
for tool in dockerd unshare ip; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install docker.io util-linux iproute2" >&2; exit 2; }
done
[ -x /bin/busybox ] || { echo '/bin/busybox is missing: apt-get install busybox-static' >&2; exit 2; }

exec node --require ./scripts/register-swc.cjs test/compare/main.ts "$1"
