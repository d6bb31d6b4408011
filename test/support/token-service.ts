// Gives out tokens for a registry, as Docker Hub and most hosted registries do: who is nobody may pull `public/…` only.
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { runProgram } from './command.ts';
import { listen } from './listening.ts';
import { LOGIN } from './registry-login.ts';

/** Name of the service and of who signs, as the registry must have them. */
export const TOKEN_SERVICE = 'test';

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** Writes `token.pem`, its certificate, into `folder`, and gives its address. Ends with `closeListening`; needs openssl. */
export async function startTokenService(folder: string): Promise<string> {
  const at = (name: string): string => join(folder, name);
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=test',
  ];
  const made = await runProgram('openssl', [
    'req',
    '-x509',
    ...key,
    '-keyout',
    at('token.key'),
    '-out',
    at('token.pem'),
  ]);
  if (made.code !== 0) throw new Error(`openssl: ${made.stderr}`);
  const signer = createPrivateKey(readFileSync(at('token.key')));
  const certificate = new X509Certificate(readFileSync(at('token.pem'))).raw.toString('base64');
  const sign = (access: readonly Access[], user: string): Promise<string> =>
    new SignJWT({ access })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', x5c: [certificate] })
      .setIssuer(TOKEN_SERVICE)
      .setAudience(TOKEN_SERVICE)
      .setSubject(user)
      .setIssuedAt()
      .setNotBefore('-1 minute')
      .setExpirationTime('5 minutes')
      .sign(signer);
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
    const login = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
    if (login !== '' && login !== `${LOGIN.user}:${LOGIN.password}`)
      return void response.writeHead(401).end('{"details":"incorrect username or password"}');
    const access = searchParams
      .getAll('scope')
      .map(accessOf)
      .filter((a) => login !== '' || a.name.startsWith('public/'));
    return void sign(access, login === '' ? '' : LOGIN.user).then((token) => response.end(JSON.stringify({ token })));
  });
  return `http://127.0.0.1:${await listen(server)}/token`;
}

/** `repository:shop/web:pull,push` */
function accessOf(scope: string): Access {
  const [type = '', name = '', actions = ''] = scope.split(':');
  return { type, name, actions: actions.split(',') };
}
