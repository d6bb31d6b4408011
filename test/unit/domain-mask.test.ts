import fc from 'fast-check';
import { mask } from '../../domain/mask.ts';

// Letters and signs that mean something to patterns and replacements; no star, so that `***` is surely ours.
const text = fc.string({ unit: fc.constantFrom('a', 'b', '$', '&', '.', '(', '\\', '^', ' ', 'ü'), maxLength: 30 });
const secrets = fc
  .uniqueArray(
    fc.string({ unit: fc.constantFrom('a', 'b', '$', '&', '.', '(', '\\', 'ü'), minLength: 1, maxLength: 5 }),
  )
  .map((list) => list.toSorted((a, b) => b.length - a.length));

test('no secret is left anywhere in the text', () => {
  fc.assert(
    fc.property(text, secrets, text, (before, list, after) => {
      const masked = mask(before + list.join(' ') + after, list);
      for (const secret of list) expect(masked.includes(secret)).toBe(false);
    }),
  );
});

test('a text without secrets stays as it is', () => {
  fc.assert(
    fc.property(text, secrets, (plain, list) => {
      fc.pre(list.every((secret) => !plain.includes(secret)));
      expect(mask(plain, list)).toBe(plain);
    }),
  );
});

test('the longer secret goes first, so that no end of it shows', () => {
  expect(mask('password=hunter22-prod', ['hunter22-prod', 'hunter22'])).toBe('password=***');
});

test('each time it appears; signs of patterns are only letters; an empty secret hides nothing', () => {
  expect(mask('a.c abc a.c', ['a.c', ''])).toBe('*** abc ***');
  expect(mask('$&$1', ['$&'])).toBe('***$1');
});

test.each(['…', '...'])('a secret that was cut in two shows no begin of it before %s', (dots) => {
  expect(mask(`the password hunter${dots}`, ['hunter22-prod'])).toBe(`the password ***${dots}`);
  expect(mask(`base64 aHVudGVy${dots}`, ['hunter22', 'aHVudGVyMjI'])).toBe(`base64 ***${dots}`);
  // Not a part of it, or too little.
  expect(mask(`still hunting${dots}`, ['hunter22-prod'])).toBe(`still hunting${dots}`);
  expect(mask(`the hun${dots}`, ['hunter22-prod'])).toBe(`the hun${dots}`);
});

test('the end of a text that was not cut stays', () => {
  expect(mask('goes hunter', ['hunter22-prod'])).toBe('goes hunter');
});
