// What counts as a secret in the words of a file, and in which forms it is looked for.
import { secretForms } from '../../adapters/compose/secret-forms.ts';
import { isSecretName, secretsInText, secretsInWords } from '../../adapters/compose/secret-words.ts';
import { mask } from '../../domain/mask.ts';
import { canary, hunt } from '../support/canaries.ts';

test.each([
  ['redis-cli -a the-word ping'],
  ['/usr/bin/mysqladmin ping -pthe-word -h 127.0.0.1'],
  ['PGPASSWORD=the-word psql -c "select 1"'],
  ['export API_TOKEN="the-word"; serve'],
  ['curl -fs -u admin:the-word http://localhost/'],
  ["curl -H 'Authorization: Bearer the-word' http://localhost/"],
  ['curl -H "X-Api-Key: the-word" http://localhost/'],
  ['pg_isready -d postgres://app:the-word@db/app'],
  ['probe --token the-word'],
])('the secret of: %s', (line) => {
  expect(secretsInText(line)).toContain('the-word');
  expect(secretsInWords(['CMD-SHELL', line])).toContain('the-word');
});

test.each([
  ['redis-cli -h the-word ping'],
  ['mysqladmin ping --port=3306 -P 3306'],
  ['psql --password-file /run/secrets/the-word'],
  ['PGPASSWORD=$POSTGRES_PASSWORD psql'],
  ['curl -u admin http://localhost/'],
  ['echo basic function'],
  ['pg_isready -d postgres://app@db/app'],
])('none in: %s', (line) => {
  expect(secretsInText(line)).toEqual([]);
});

test('names', () => {
  for (const name of ['DB_PASSWORD', 'example.api-token', 'traefik.http.middlewares.a.basicauth.users', 'secretKey'])
    expect([name, isSecretName(name)]).toEqual([name, true]);
  for (const name of ['routing.key', 'author', 'passenger.count', 'PASSWORD_FILE'])
    expect([name, isSecretName(name)]).toEqual([name, false]);
});

test('options in one text', () => {
  expect(secretsInText('addr=10.0.0.1,username=me,password=the-word,vers=3.0')).toEqual(['the-word']);
});

test('a URL’s password counts as it stands there and decoded', () => {
  expect(secretsInText('amqp://u:p%40ss-word@mq')).toEqual(expect.arrayContaining(['p%40ss-word', 'p@ss-word']));
});

test.each(['', '/+ &"é$', "!'()*~", '\\%', '\t'])('no form of a secret with %j is left behind a mask', (special) => {
  const secret = canary(special);
  const { found } = hunt({ secret });
  const forms = secretForms(secret).toSorted((a, b) => b.length - a.length);
  const places = [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    new URLSearchParams({ a: secret }).toString(),
    JSON.stringify({ secret }),
    ...['', ':', 'u:', 'usr:'].map((before) => Buffer.from(`${before}${secret}\n`).toString('base64')),
    ...['', ':', 'u:'].map((before) => Buffer.from(`${before}${secret} and more`).toString('base64url')),
  ];
  expect(places.map((place) => found(mask(place, forms)))).toEqual(places.map(() => []));
});

test('a long secret is found in base64 whose lines were broken', () => {
  const secret = Array.from({ length: 12 }, () => canary()).join('');
  const broken =
    Buffer.from(secret)
      .toString('base64')
      .match(/.{8,76}/g) ?? [];
  const forms = secretForms(secret).toSorted((a, b) => b.length - a.length);
  expect(broken.map((line) => mask(line, forms))).toEqual(broken.map(() => expect.stringMatching(/^\*{3}.{0,2}$/)));
});
