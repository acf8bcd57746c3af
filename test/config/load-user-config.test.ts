import { execFile } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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

/** Loads the config in another process, with the tests' compile cache. */
async function loadInProcess(file: string): Promise<{ description: string; transpiles: boolean }> {
  const source = `
    import { createRequire } from 'node:module';
    const { loadUserConfig } = await import(${JSON.stringify(new URL('../../src/config/load-user-config.ts', import.meta.url).href)});
    const { config } = await loadUserConfig(${JSON.stringify(file)});
    // jiti loads its compiler when a file needs it.
    const transpiles = Object.keys(createRequire(${JSON.stringify(file)}).cache).some((key) => key.endsWith('babel.cjs'));
    console.log(JSON.stringify({ description: config.assistants[0].tools[0].description, transpiles }));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--conditions=holdpoint-source', '-e', source],
    { env: { NODE_COMPILE_CACHE: join(folder, 'compiled'), ...process.env } },
  );
  return JSON.parse(stdout) as { description: string; transpiles: boolean };
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

  it('with a compile cache: unchanged files → no transpile in the next process; a changed file → the new code', async () => {
    const file = project('cached', { 'holdpoint.config.ts': config });
    expect(await loadInProcess(file)).toEqual({ description: 'Refund in EUR.', transpiles: true });
    expect(await loadInProcess(file)).toEqual({ description: 'Refund in EUR.', transpiles: false });
    writeFileSync(join(dirname(file), 'src/tools/currency.ts'), `export const currency: string = 'USD';`);
    expect(await loadInProcess(file)).toEqual({ description: 'Refund in USD.', transpiles: true });
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
