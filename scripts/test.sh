#!/usr/bin/env bash
# `npm test`: brings all that is needed, runs every test, ends with `N passed, N failed` from jest's own result.
set -uo pipefail
cd "$(dirname "$0")/.."

node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || {
  echo "the tests need Node.js 20.19 or newer; this is $(node --version 2>/dev/null || echo none)" >&2
  exit 6
}
node scripts/setup.cjs --tests || exit $?

result=$(mktemp)
trap 'rm -f "$result"' EXIT
node_modules/.bin/jest --json --outputFile="$result" "$@" >/dev/null
code=$?
node scripts/test-summary.cjs "$result" || exit 1
exit "$code"
