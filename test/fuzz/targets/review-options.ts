import fc from 'fast-check';
import { checkReviewBy } from '../../../src/assistant/check-review-by.ts';
import { checkPresets, toSubject } from '../../../src/assistant/check-shows.ts';
import { InvalidDefinition } from '../../../src/assistant/invalid-definition.ts';
import { anyValue, mutated, text } from '../arbitraries.ts';
import { must, orRefused, target } from '../target.ts';

const stages = mutated(
  fc.array(fc.record({ group: text, approvals: fc.integer({ min: -1, max: 30 }) }), { maxLength: 4 }),
);
const notes = mutated(
  fc.dictionary(
    fc.constantFrom('en', 'de', 'pt-BR', 'x', '__proto__'),
    fc.oneof(fc.array(text), fc.record({ approve: fc.array(text), reject: fc.array(text) })),
  ),
);

export const reviewOptionTargets = [
  target('review options: groups, quick notes, subjects', 10, () => ({
    input: fc.record({
      by: fc.oneof<fc.Arbitrary<unknown>[]>(text, stages, anyValue),
      presets: fc.oneof<fc.Arbitrary<unknown>[]>(notes, anyValue),
      subject: fc.oneof<fc.Arbitrary<unknown>[]>(text, fc.integer(), anyValue),
    }),
    run: ({ by, presets, subject }) => {
      orRefused(() => checkReviewBy('Tool "pay"', 'review.by', by), InvalidDefinition);
      orRefused(() => checkPresets('Tool "pay"', presets), InvalidDefinition);
      const sent = orRefused(() => toSubject(subject), TypeError);
      must(sent === undefined || sent === null || typeof sent === 'string', 'A subject is no text.');
    },
  })),
];
