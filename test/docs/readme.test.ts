import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { createStory } from '../../demo/story.ts';
import { tellSummary, tellWhereNext } from '../../demo/summary.ts';
import { loadUserConfig } from '../../src/config/load-user-config.ts';
import { documentNamed, root } from './documents.ts';

it("README's config: loads, and has at most 15 lines", async () => {
  const [, config = ''] = /```ts\n\/\/ holdpoint\.config\.ts\n([\s\S]*?)```/.exec(documentNamed('README.md')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-readme-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'holdpoint.config.ts'), config);
    const { config: loaded } = await loadUserConfig(join(folder, 'holdpoint.config.ts'));
    expect(loaded.assistants.map(({ name, tools }) => [name, tools.map((tool) => tool.name)])).toEqual([
      ['support', ['refund']],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(config.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15);
});

it('README: last lines of the demo → as printed', () => {
  const [, shown = ''] = /```text\n(What happened[\s\S]*?)\n```/.exec(documentNamed('README.md')) ?? [];
  const [, seconds, p50, max] = /in (\d+) seconds[\s\S]* (\d+) ms \(median\) and (\d+) ms/.exec(shown) ?? [];
  const written = new PassThrough({ encoding: 'utf8' });
  const story = createStory(written as unknown as NodeJS.WriteStream);
  tellSummary(
    story,
    {
      ok: true,
      runs: 3,
      approvals: 3,
      kills: 2,
      toolStarts: 3,
      toolEffects: 2,
      lost: 0,
      doubled: 0,
      resumeMs: { p50: Number(p50), max: Number(max) },
    },
    Number(seconds),
  );
  tellWhereNext(story);
  expect(shown).toBe(stripVTControlCharacters(written.read() as string).trim());
});
