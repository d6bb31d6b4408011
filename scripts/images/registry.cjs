// Can the engine have an image from its registry? The engine is asked, not the network: it has its own DNS and proxy.
const http = require('node:http');

// A registry that accepts and never answers holds `docker pull` for 25 s; the question is over after these.
const LIMIT_MS = 3_000;

/**
 * @typedef {'there' | 'silent' | 'unreachable' | 'garbled' | 'unknown' | 'refused' | 'limited'} Verdict
 * @typedef {{ image: string, verdict: Verdict, why: string }} Answer
 */

/** The registry an image comes from, as people call it. */
function registryOf(image) {
  const first = image.split('/')[0] ?? '';
  return image.includes('/') && /[.:]|^localhost$/.test(first) ? first : 'Docker Hub';
}

/**
 * Reads the engine's answer to /distribution/<image>/json.
 * @returns {{ verdict: Verdict, why: string }}
 */
function classify(image, status, message) {
  const registry = registryOf(image);
  if (status === 200) return { verdict: 'there', why: `${registry} has it` };
  if (status === 429 || /toomanyrequests/i.test(message))
    return { verdict: 'limited', why: `${registry} answers, and has had enough requests from here for now (429)` };
  // Engine 20.10 passes on with 500 what a registry of one's own says without a login.
  if (status === 401 || status === 403 || /no basic auth credentials|authentication required/i.test(message))
    return {
      verdict: 'refused',
      why: `${registry} answers, and refuses it without a login (${status === 500 ? 401 : status})`,
    };
  if (status === 404) return { verdict: 'unknown', why: `${registry} answers, and does not know it (404)` };
  const dial = message.match(/no such host|connection refused|network is unreachable|no route to host|i\/o timeout/i);
  if (dial) return { verdict: 'unreachable', why: `${registry} cannot be reached (${dial[0].toLowerCase()})` };
  if (/timeout|deadline exceeded|request canceled/i.test(message))
    return { verdict: 'silent', why: `${registry} does not answer` };
  if (/unmarshalling|invalid character|unexpected end of json|mediatype|media type/i.test(message))
    return { verdict: 'garbled', why: `what answers as ${registry} is no registry: a login page, perhaps` };
  const said = message.replaceAll(/\s+/g, ' ').slice(0, 120);
  return { verdict: 'garbled', why: `${registry} answers wrongly (${status}${said ? `: ${said}` : ''})` };
}

/** @returns {Promise<Answer>} */
function askRegistry(image, socketPath, limitMs = LIMIT_MS) {
  return new Promise((resolve) => {
    const settle = (found) => {
      clearTimeout(timer);
      request.destroy();
      resolve({ image, ...found });
    };
    const request = http.get({ socketPath, path: `/distribution/${image}/json` }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body = (body + chunk).slice(0, 10_000);
      });
      response.on('end', () => settle(classify(image, response.statusCode ?? 0, messageOf(body))));
    });
    const timer = setTimeout(
      () => settle({ verdict: 'silent', why: `${registryOf(image)} does not answer within ${limitMs / 1000} s` }),
      limitMs,
    );
    request.on('error', (error) => settle({ verdict: 'unreachable', why: `the engine: ${error.message}` }));
  });
}

function messageOf(body) {
  try {
    return String(JSON.parse(body).message ?? '');
  } catch {
    return body;
  }
}

module.exports = { askRegistry, classify, registryOf };
