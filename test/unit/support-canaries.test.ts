// A search that finds nothing proves something only when it can find.
import { canary, hunt } from '../support/canaries.ts';

const secret = canary('/+ &"é$');
const { found } = hunt({ secret, other: canary() });

test.each([
  ['plain', `x${secret}y`],
  ['percent-encoded', `a=${encodeURIComponent(secret)}&b`],
  ['as a form sends it', new URLSearchParams({ a: secret, b: '' }).toString()],
  ['inside JSON', JSON.stringify({ a: secret })],
  ['base64', Buffer.from(secret).toString('base64')],
  ['base64 of a line', Buffer.from(`${secret}\n`).toString('base64')],
  ['base64 with a byte before', Buffer.from(`:${secret}`).toString('base64')],
  ['base64 with two bytes before and some behind', Buffer.from(`u:${secret} end`).toString('base64')],
  ['base64 for URLs', Buffer.from(`u:${secret}`).toString('base64url')],
])('a text is found %s', (_form, place) => {
  expect(found(place)).toEqual(['secret']);
  expect(found(Buffer.concat([Buffer.from([0, 255, 1]), Buffer.from(place)]))).toEqual(['secret']);
});

test('what is not there is not found', () => {
  expect(found(`${secret.slice(1)} ${Buffer.from(secret.slice(2)).toString('base64')}`)).toEqual([]);
});
