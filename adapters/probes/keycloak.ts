// Level 4 for Keycloak: it really issues a token.
import type { KeycloakQuestion } from '../../schema/probe.ts';
import { duration, evidence, execEvidence, lastLine } from './evidence.ts';
import { type Functional, imageName } from './functional.ts';
import { callHttp } from './http-call.ts';
import { OUTSIDE_WITHIN_MS, type Outside, isSet } from './outside.ts';

/**
 * $1 realm, $2 client, $3 name of the variable with the client's secret; without them the first administrator is asked
 * for, and the session it opens is ended again. The image has bash and little else. Says "200 token", "401 <error>".
 */
const SCRIPT = `
port=\${KC_HTTP_PORT:-8080}; base=\${KC_HTTP_RELATIVE_PATH:-}; base=\${base%/}
encode() {
  local text=$1 out= char at
  for ((at = 0; at < \${#text}; at++)); do
    char=\${text:at:1}
    case $char in [a-zA-Z0-9.~_-]) out+=$char ;; *) printf -v char '%%%02X' "'$char"; out+=$char ;; esac
  done
  printf %s "$out"
}
post() {
  exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
  printf 'POST %s HTTP/1.0\\r\\nHost: 127.0.0.1:%s\\r\\nContent-Type: application/x-www-form-urlencoded\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' "$1" "$port" "\${#2}" "$2" >&3
  local line; read -r _ status _ <&3; answer=
  while IFS= read -r line <&3 || [ -n "$line" ]; do answer+=$line; done
  exec 3>&-
}
field() { [[ $answer =~ \\"$1\\":\\"([^\\"]*)\\" ]] && printf %s "\${BASH_REMATCH[1]}"; }
realm=\${1:-master}; secret=$3
path=$base/realms/$(encode "$realm")/protocol/openid-connect
admin=\${KC_BOOTSTRAP_ADMIN_USERNAME:-\${KEYCLOAK_ADMIN:-}}
if [ -n "$2" ]; then
  body="grant_type=client_credentials&client_id=$(encode "$2")&client_secret=$(encode "\${!secret}")"
else
  [ -n "$admin" ] || { echo 'unknown admin'; exit 0; }
  body="grant_type=password&client_id=admin-cli&username=$(encode "$admin")&password=$(encode "\${KC_BOOTSTRAP_ADMIN_PASSWORD:-\${KEYCLOAK_ADMIN_PASSWORD:-}}")"
fi
post "$path/token" "$body" 2>/dev/null || { echo 'refused'; exit 0; }
if [ -z "$(field access_token)" ]; then echo "$status $(field error)"; exit 0; fi
refresh=$(field refresh_token)
[ -z "$refresh" ] || post "$path/logout" "client_id=admin-cli&refresh_token=$(encode "$refresh")" 2>/dev/null
echo 'issued token'
`;

const DID = 'issued a token';

const outside: Outside<KeycloakQuestion> = {
  did: DID,
  // Without a client the administrator is asked for, whose session has to be ended: the script does that.
  port: (env, { client, secret }) =>
    client !== undefined && secret !== undefined && isSet(env[secret])
      ? Number(env['KC_HTTP_PORT'] ?? 8080)
      : undefined,
  works: async (address, env, { realm = 'master', client = '', secret = '' }, signal) => {
    const base = (env['KC_HTTP_RELATIVE_PATH'] ?? '').replace(/\/$/, '');
    const path = `${base}/realms/${encodeURIComponent(realm)}/protocol/openid-connect/token`;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      client_secret: env[secret] ?? '',
    });
    const answer = await callHttp({ address, port: address.port, path, body: form }, OUTSIDE_WITHIN_MS, signal);
    return answer.kind === 'answered' && answer.status === 200 && /"access_token":"[^"]/.test(answer.body);
  },
};

export const keycloak: Functional<KeycloakQuestion> = {
  timeoutMs: 8000,
  description: ({ realm, client }) =>
    client === undefined ? 'issues a token' : `issues a token of ${realm} to ${client}`,
  isImage: (reference) => imageName(reference) === 'keycloak',
  programs: ['start', 'start-dev', 'kc.sh'],
  outside,
  ask: async (options, timeoutMs, target) => {
    const begun = performance.now();
    const words = [options.realm ?? '', options.client ?? '', options.secret ?? ''];
    const answer = await target.exec(['/bin/bash', '--norc', '-c', SCRIPT, 'dive-check', ...words], { timeoutMs });
    if (answer.kind !== 'exited' || answer.exitCode !== 0) {
      return { level: 4, ok: false, evidence: execEvidence(answer, timeoutMs) };
    }
    const took = duration(performance.now() - begun);
    const [first = '', error = ''] = lastLine(answer.output).split(' ');
    if (first === 'issued') return { level: 4, ok: true, evidence: `${DID} in ${took}` };
    return options.client === undefined ? withoutClient(first, error, took) : failed(first, error, took);
  },
};

/** An administrator that was replaced, and HTTP that is off, say nothing against Keycloak. */
function withoutClient(first: string, error: string, took: string): ReturnType<typeof failed> {
  if (first === '401' || first === '400') {
    return { level: 3, ok: true, evidence: `answers in ${took}; its first administrator is no longer accepted` };
  }
  if (first === 'unknown') return { level: 2, ok: true, evidence: 'healthy; no client to ask a token for' };
  if (first === 'refused') return { level: 2, ok: true, evidence: 'healthy; not asked for a token: no HTTP inside' };
  return failed(first, error, took);
}

function failed(first: string, error: string, took: string): { level: 2 | 3 | 4; ok: boolean; evidence: string } {
  const why = first === 'refused' ? 'connection refused' : `${first}${error === '' ? '' : ` ${error}`} after ${took}`;
  return { level: 4, ok: false, evidence: evidence(`no token: ${why}`) };
}
