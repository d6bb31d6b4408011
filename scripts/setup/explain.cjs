// Out of what a tool printed when it failed: one sentence that names who did not answer, and what to do about it.

/**
 * Who is asked, and where another one is named.
 * @typedef {{ source: string, hint: string }} Source
 * @type {Record<'debian' | 'go' | 'maven' | 'npm' | 'pypi', Source>}
 */
const SOURCES = {
  debian: { source: "Debian's mirror", hint: 'Through a proxy: export http_proxy=URL' },
  go: { source: 'the Go module proxy', hint: 'Another one: export GOPROXY=URL' },
  maven: { source: 'Maven Central', hint: 'A mirror is named in ~/.m2/settings.xml' },
  npm: { source: 'the npm registry', hint: 'Another one: npm config set registry URL' },
  pypi: { source: 'PyPI', hint: 'Another index: export PIP_INDEX_URL=URL' },
};

/** Seconds that a registry is waited for, each time it is asked. */
function patience(env = process.env) {
  const given = Number(env.DIVE_PATIENCE);
  return given > 0 ? given : 30;
}

function npmLimits() {
  return [`--fetch-timeout=${patience() * 1000}`, '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
}

const SILENT =
  /waited \d+ s for an answer|timed? ?out|deadline exceeded|ETIMEDOUT|ESOCKETTIMEDOUT|connection failed|network timeout/i;
const UNREACHABLE =
  /connection refused|ECONNREFUSED|no such host|ENOTFOUND|EAI_AGAIN|temporary failure (in name resolution|resolving)|could not (connect|resolve)|unable to connect|unknown host|network is unreachable|no route to host|connection reset|ECONNRESET|NewConnectionError/i;
const STATUS =
  /\bE([45]\d\d)\b|status(?: code)?:?\s*([45]\d\d)\b|\b([45]\d\d)\s+(?:bad|service|internal|not found|forbidden|unauthori|too many|proxy|gateway)/i;
const TLS =
  /self.?signed certificate|SELF_SIGNED|unable to get local issuer|certificate verify failed|PKIX path|x509:/i;
const FULL = /no space left on device|ENOSPC|not enough free space|disk quota exceeded/i;
const WRONG_CONTENT =
  /checksum (mismatch|validation failed)|hash sum mismatch|EINTEGRITY|clearsigned file|invalid character '<'|unexpected token '?</i;

/**
 * @param {Source} asked
 * @param {string} said the error and the output of the tool
 * @returns {string | undefined} without a full stop; undefined for what nobody has foreseen
 */
function explain({ source, hint }, said) {
  if (FULL.test(said)) return 'the disk is full. Make room (docker system df shows what the engine holds)';
  if (TLS.test(said))
    return `${source}: its certificate is not trusted here. Behind a proxy that looks into TLS, name its authority in NODE_EXTRA_CA_CERTS and SSL_CERT_FILE`;
  const status = said.match(STATUS)?.slice(1).find(Boolean);
  if (status) return `${source} answers wrongly (${status}). ${hint}`;
  if (WRONG_CONTENT.test(said)) return `what answers as ${source} sends something else: a login page, perhaps. ${hint}`;
  if (UNREACHABLE.test(said)) return `${source} cannot be reached. ${hint}`;
  if (SILENT.test(said)) return `${source} does not answer. ${hint}`;
  if (/from versions: none/.test(said)) return `${source} does not have it, or what answers there is no index. ${hint}`;
  return undefined;
}

module.exports = { SOURCES, explain, npmLimits, patience };
