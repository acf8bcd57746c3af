import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processEnvironment } from '../../src/config/environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-compiled-'));
const installed = join(folder, 'installed');
const temporary = join(folder, 'temporary');

/** Runs the launcher as npm installs it. The program in `dist` says where Node keeps its compiled code. */
async function keptIn(environment: Record<string, string>): Promise<{ own: string | null; passedOn: string | null }> {
  const { NODE_COMPILE_CACHE: _ours, ...rest } = processEnvironment();
  const { stdout } = await promisify(execFile)(process.execPath, [join(installed, 'bin/holdpoint.mjs')], {
    env: { ...rest, TMPDIR: temporary, ...environment },
  });
  return JSON.parse(stdout) as { own: string | null; passedOn: string | null };
}

describe("the launcher's compiled code", () => {
  beforeAll(() => {
    cpSync(fileURLToPath(new URL('../../bin', import.meta.url)), join(installed, 'bin'), { recursive: true });
    mkdirSync(join(installed, 'dist'));
    mkdirSync(temporary);
    writeFileSync(
      join(installed, 'dist/cli.js'),
      `import { getCompileCacheDir } from 'node:module';
      console.log(JSON.stringify({ own: getCompileCacheDir() ?? null, passedOn: process.env.NODE_COMPILE_CACHE ?? null }));`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("no variable set → a folder in the user's cache, which others can't enter", async () => {
    const caches = join(folder, 'caches');
    const kept = join(caches, 'holdpoint/compile-cache');
    const said = await keptIn({ XDG_CACHE_HOME: caches });
    expect(said.passedOn).toBe(kept);
    expect(said.own).toContain(`${kept}/`);
    expect((statSync(kept).mode & 0o777).toString(8)).toBe('700');
    expect(readdirSync(kept, { recursive: true }).length).toBeGreaterThan(1);
  });

  it('NODE_COMPILE_CACHE → that folder', async () => {
    const chosen = join(folder, 'chosen');
    const said = await keptIn({ NODE_COMPILE_CACHE: chosen, XDG_CACHE_HOME: join(folder, 'unused') });
    expect(said.passedOn).toBe(chosen);
    expect(said.own).toContain(`${chosen}/`);
    expect(existsSync(join(folder, 'unused'))).toBe(false);
  });

  it.each([
    ['NODE_DISABLE_COMPILE_CACHE', { NODE_DISABLE_COMPILE_CACHE: '1', XDG_CACHE_HOME: join(folder, 'unused') }],
    ["a cache that can't be written", { XDG_CACHE_HOME: '/dev/null' }],
  ])("%s → none is kept, also not in the machine's shared temporary folder", async (_what, environment) => {
    expect(await keptIn(environment)).toEqual({ own: null, passedOn: null });
    expect(readdirSync(temporary)).toEqual([]);
    expect(existsSync(join(folder, 'unused'))).toBe(false);
  });
});
