import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { environmentWithoutOurs } from '../../src/config/environment.ts';

const root = new URL('../../', import.meta.url);

it("environmentWithoutOurs: a user's variables stay, those of Holdpoint and its services go", () => {
  expect(
    environmentWithoutOurs({
      PATH: '/bin',
      MAIL_URL: 'x',
      OPENAI_API_KEY: 'x',
      TEMPORAL_ADDRESS: 'x',
      HOLDPOINT_SECRET: 'x',
      CHEQPOINT_BASE_URL: 'x',
    }),
  ).toEqual({ PATH: '/bin', MAIL_URL: 'x' });
});

it('process.env: read in environment.ts only', () => {
  const readers = globSync('src/**/*.ts', { cwd: root }).filter((file) =>
    /\bprocess\.env\b(?!`)/.test(readFileSync(new URL(file, root), 'utf8')),
  );
  expect(readers).toEqual(['src/config/environment.ts']);
});
