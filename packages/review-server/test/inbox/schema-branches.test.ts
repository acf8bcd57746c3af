import { expect, it } from 'vitest';
import { SchemaBranches, type FormSchema } from '../../inbox/decide/schema-branches.ts';

const self = { $ref: '#' };
it.each<[string, FormSchema, number]>([
  ['itself', { oneOf: [self, { type: 'object' }] }, 1],
  ['itself twice', { anyOf: [self, self, { type: 'string' }, { type: 'null' }] }, 2],
  ['only itself', { anyOf: [self, self] }, 0],
  [
    'many unions, each of the next one twice',
    {
      anyOf: [{ $ref: '#/$defs/0' }],
      $defs: Object.fromEntries(
        Array.from({ length: 30 }, (_, index) => [
          index,
          { anyOf: [{ $ref: `#/$defs/${index + 1}` }, { $ref: `#/$defs/${index + 1}` }, { const: index }] },
        ]),
      ),
    },
    32,
  ],
])('union of %s → each branch once, at once', (_name, schema, options) => {
  const branches = new SchemaBranches(schema);
  expect(branches.optionsOf(branches.resolve(schema))).toHaveLength(options);
  expect(branches.chosenFor([1])).toBeDefined();
});
