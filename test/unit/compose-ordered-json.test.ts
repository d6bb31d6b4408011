import fc from 'fast-check';
import { parseOrdered, printOrdered, toPlain } from '../../schema/ordered-json.ts';

it('keeps the order of integer-like keys, the text of numbers and a key named __proto__', () => {
  const text = '{"b":1.50,"10":1,"9":1e+06,"__proto__":{"constructor":null},"a":[true,false,null,-0.5,"x"]}';
  expect(printOrdered(parseOrdered(text))).toBe(text);
});

it('escapes as Go does', () => {
  expect(printOrdered('<a>&\u2028\u2029"\\\n\u0001é🚀')).toBe(
    '"\\u003ca\\u003e\\u0026\\u2028\\u2029\\"\\\\\\n\\u0001é🚀"',
  );
});

it('reads every JSON value as JSON.parse does, however it is laid out', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, 4), (text, indent) => {
      const value: unknown = JSON.parse(text);
      expect(toPlain(parseOrdered(JSON.stringify(value, null, indent)))).toEqual(value);
    }),
  );
});

it.each(['', '{', '{"a"}', '{"a":1} x', 'nope', '{1:2}'])('refuses what is no JSON: %j', (text) => {
  expect(() => parseOrdered(text)).toThrow(SyntaxError);
});
