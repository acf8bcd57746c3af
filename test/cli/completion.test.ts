import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const holdpoint = (...args: string[]) =>
  spawnSync(process.execPath, ['--conditions=holdpoint-source', cli, ...args], { encoding: 'utf8' });

it.each(['bash', 'zsh', 'fish'])('holdpoint completion %s → its script, which asks `holdpoint complete`', (shell) => {
  const { status, stdout } = holdpoint('completion', shell);
  expect(status).toBe(0);
  expect(stdout).toContain('holdpoint complete -- ');
});

it('holdpoint completion bash → a script that bash parses', () => {
  const { stdout } = holdpoint('completion', 'bash');
  expect(spawnSync('bash', ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

it('a begun command line → the commands and options that fit', () => {
  const offered = (...args: string[]) => holdpoint('complete', '--', ...args).stdout.match(/^[\w-]+(?=\t)/gm);
  expect(offered('runs', 're')).toEqual(['retry']);
  expect(offered('runs', 'list', '--assi')).toEqual(['--assistant']);
});
