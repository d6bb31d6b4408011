#!/usr/bin/env bash
# Measures dive against Docker Compose, side by side, on this machine:
#   npm run bench [-- --json] [-- --quick] [-- --hub] [-- --repeats N]
# --quick raises the hub once and leaves the 200 services and the chain of 60 out.
# --hub adds the real hub of stacks/hub, memory and a hundred probes.
# Needs what `npm test` needs, and brings it.
set -euo pipefail
cd "$(dirname "$0")/.."

node scripts/setup.cjs --tests >&2
exec node --require ./scripts/register-swc.cjs bench/main.ts "$@"
