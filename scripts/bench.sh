#!/usr/bin/env bash
# Measures dive against Docker Compose, side by side, on this machine:
#   npm run bench [-- --json] [-- --quick] [-- --repeats N]
# --quick raises the hub once and leaves the 200 services and the chain of 60 out. Takes some fifteen minutes without.
# Needs what `npm test` needs, and brings it.
set -euo pipefail
cd "$(dirname "$0")/.."

node scripts/setup.cjs --tests >&2
exec node --require ./scripts/register-swc.cjs bench/main.ts "$@"
