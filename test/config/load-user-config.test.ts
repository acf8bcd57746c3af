import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadUserConfig, UserConfigError } from '../../src/config/load-user-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tool = `
import { defineTool, ToolFailed } from 'holdpoint';
import { z } from 'zod';
import { currency } from './currency';
export enum Level { Low = 1, High = 5 }
export const refund = defineTool({
  name: 'refund', description: \`Refund in \${currency}.\`, parameters: z.object({ amount: z.number() }), effect: 'at-most-once', review: 'always',
  execute: async () => { throw new ToolFailed(String(Level.High)); },
});`;
const config = `
import { defineAssistant, defineConfig } from 'holdpoint';
import { refund } from '@/tools/refund';
export default defineConfig({ assistants: [defineAssistant({ name: 'desk', model: 'gpt-5', instructions: 'Help.', tools: [refund] })] });`;

function project(name: string, files: Record<string, string>): string {
  const root = join(folder, name);
  const all: Record<string, string> = {
    'package.json': '{"private":true}',
    'tsconfig.json': '{ /* aliases */ "compilerOptions": { "paths": { "@/*": ["./src/*"] }, } }',
    'src/tools/refund.ts': tool,
    'src/tools/currency.ts': `export const currency: string = 'EUR';`,
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(fileURLToPath(new URL('../../node_modules/zod', import.meta.url)), join(root, 'node_modules/zod'));
  return join(root, 'holdpoint.config.ts');
}

describe('loadUserConfig', () => {
  it.each([
    ['ES module', '{"private":true,"type":"module"}'],
    ['CommonJS project', '{"private":true}'],
  ])('TypeScript config in an %s → loaded, with the files to watch', async (name, manifest) => {
    const file = project(name.replace(' ', ''), {
      'package.json': manifest,
      'holdpoint.config.ts': `${config}\nawait Promise.resolve(import.meta.dirname);`,
    });
    const loaded = await loadUserConfig(file);
    const [assistant] = loaded.config.assistants;
    expect(assistant?.tools[0]?.description).toBe('Refund in EUR.');
    expect(
      loaded.files.map((path) => path.slice(dirname(file).length + 1)).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['holdpoint.config.ts', 'src/tools/currency.ts', 'src/tools/refund.ts', 'tsconfig.json']);
  });

  it('second load after a change → the new code', async () => {
    const file = project('anew', { 'holdpoint.config.ts': config });
    await loadUserConfig(file);
    writeFileSync(join(dirname(file), 'src/tools/currency.ts'), `export const currency = 'USD';`);
    expect((await loadUserConfig(file)).config.assistants[0]?.tools[0]?.description).toBe('Refund in USD.');
  });

  it.each([
    ['missing', {}, /There is no config at .*missing\/holdpoint\.config\.ts\. Make one with: npx holdpoint init/],
    [
      'no-export',
      { 'holdpoint.config.ts': 'export const config = 1;' },
      /must export a config: export default defineConfig.*Its export is an object with config/,
    ],
    [
      'wrong-export',
      { 'holdpoint.config.ts': 'export default { assistants: [] };' },
      /Its export is an object with assistants/,
    ],
    ['syntax', { 'holdpoint.config.ts': `${config}\nlet = 5 +;` }, /syntax\/holdpoint\.config\.ts:5:\d+/],
    [
      'throws',
      { 'holdpoint.config.ts': `${config}\nthrow new Error('boom');` },
      /can't be loaded: boom\n {2}at .*throws\/holdpoint\.config\.ts:5:7/,
    ],
    [
      'bad-import',
      { 'holdpoint.config.ts': `import './nowhere';` },
      /Cannot find module '\.\/nowhere'\n {2}at .*bad-import\/holdpoint\.config\.ts:1:/,
    ],
    [
      'bad-tool',
      {
        'holdpoint.config.ts': config,
        'src/tools/refund.ts': tool.replace(`effect: 'at-most-once'`, `effect: 'twice'`),
      },
      /InvalidDefinition: .*refund.*\n {2}at .*bad-tool\/src\/tools\/refund\.ts:6:/,
    ],
  ])('%s → UserConfigError with place and problem', async (name, files: Record<string, string>, message) => {
    const file = project(name, files);
    const error = await loadUserConfig(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserConfigError);
    expect((error as UserConfigError).message).toMatch(message);
    expect((error as UserConfigError).files).toContain(file);
  });
});
