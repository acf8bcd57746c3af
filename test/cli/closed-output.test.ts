import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { environmentWithoutOurs, processEnvironment } from '../../src/config/environment.ts';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

function start(
  args: string[],
  { flags = [], environment = {}, cwd }: { flags?: string[]; environment?: Record<string, string>; cwd?: string } = {},
) {
  const env = { ...environmentWithoutOurs(processEnvironment()), ...environment };
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--conditions=holdpoint-source', ...flags, cli, ...args],
    { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, ended };
}

it('standard output closed: short command (`holdpoint init`) → ends quietly', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'holdpoint-init-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const { child, ended } = start(['init'], { cwd });
  child.stdout.destroy();
  expect(await text(child.stderr)).toBe('');
  expect(await ended).toBe(0);
  expect(readdirSync(cwd)).toContain('holdpoint.config.ts');
});

it('standard output closed: `holdpoint review-server` → continues', async () => {
  // It prints, as a tool in a worker may, and reports a failed write. Its terminal is closed too.
  const terminalGone =
    "setTimeout(() => { for (const output of [process.stdout, process.stderr]) output.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' })); }, 100).unref();";
  const prints =
    "setInterval(() => process.stdout.write('printed\\n', (error) => { if (error) process.stderr.write('nobody reads\\n'); }), 20).unref();";
  const { child, ended } = start(['review-server'], {
    flags: ['--import', `data:text/javascript,${encodeURIComponent(prints + terminalGone)}`],
    environment: {
      HOLDPOINT_REVIEW_DATABASE_URL: 'sqlite::memory:',
      HOLDPOINT_REVIEW_LISTEN: '127.0.0.1:0',
      HOLDPOINT_REVIEW_SESSION_SECRET: 'sixteen characters and more',
      HOLDPOINT_REVIEWER_NAME: 'ana',
      HOLDPOINT_REVIEWER_PASSWORD: 'twelve and more',
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part: Buffer) => void (stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => void (stderr += part.toString()));
  await expect.poll(() => stdout + stderr, { timeout: 30_000 }).toContain('"ready":true');
  const { url } = JSON.parse(stdout.split('\n').find((line) => line.includes('"ready":true'))!) as { url: string };
  child.stdout.destroy();
  await expect.poll(() => stderr, { timeout: 30_000 }).toContain('nobody reads');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
