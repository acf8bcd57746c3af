import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadUserConfig } from '../../src/load-user-config.ts';
import { documentNamed, root } from './documents.ts';

it("the README's config loads, and is as short as it says", async () => {
  const [, config = ''] = /```ts\n\/\/ holdpoint\.config\.ts\n([\s\S]*?)```/.exec(documentNamed('README.md')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-readme-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'holdpoint.config.ts'), config);
    const { config: loaded } = await loadUserConfig(join(folder, 'holdpoint.config.ts'));
    expect(loaded.assistants.map(({ name, tools }) => [name, tools.map((tool) => tool.name)])).toEqual([['support', ['refund']]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(config.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15);
});
