import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { createClient } from '../../src/client.ts';
import type { StackFacts } from '../../src/embedded/running-stack.ts';
import { startHoldpoint } from '../support/holdpoint-command.ts';
import { until } from '../support/until.ts';

const root = mkdtempSync(join(tmpdir(), 'holdpoint-full-disk-'));
const disk = join(root, 'disk');
mkdirSync(disk);
const config = fileURLToPath(new URL('../../examples/email-blast/holdpoint.config.ts', import.meta.url));

/** Mounts a small disk. False where this user may not mount one. */
function mounted(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const hasDisk = mounted();
afterAll(() => {
  if (hasDisk) execFileSync('umount', ['--lazy', disk]);
  rmSync(root, { recursive: true, force: true });
});

/** Takes all room, the last byte too. */
function fill(file: string): void {
  for (const bytes of [1_000_000, 4096, 1]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(bytes, 'x'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

it.runIf(hasDisk)(
  'holdpoint dev, full disk → it stays up and says so; with room again, runs complete',
  { timeout: 180_000 },
  async () => {
    const dataDir = join(disk, 'data');
    const command = startHoldpoint(['dev', '--json', '--config', config, '--data-dir', dataDir]);
    try {
      await until('the stack', () => command.stdout().includes('\n') || command.process.exitCode !== null, 90_000);
      const facts = JSON.parse(command.stdout()) as StackFacts;
      const holdpoint = createClient(facts.gateway);
      const run = (text: string) =>
        holdpoint.runs.create({ assistant: 'comms', input: `call count_recipients {"template": "${text}"}` });
      expect(await (await run('before')).result()).toContain('recipients');

      const filler = join(disk, 'filler');
      fill(filler);
      const log = join(dataDir, 'logs', 'gateway.log');
      await until('words about the log file', async () => {
        // Each request is a line of the gateway's log.
        await fetch(`${facts.gateway.url}/v1/runs`).catch(() => undefined);
        return command.stderr().includes(`${log} can't be written: ENOSPC`);
      });
      await run('during').catch(() => undefined);
      expect(command.process.exitCode).toBeNull();

      rmSync(filler);
      const result = await until('a run is started', () =>
        run('after').then(
          (started) => started.result(),
          () => false,
        ),
      );
      expect(result).toContain('recipients');
      await until('the log goes on', async () => {
        await fetch(`${facts.gateway.url}/v1/runs`);
        return command.stderr().includes(`${log} can be written again`);
      });
      expect(readFileSync(log, 'utf8')).not.toBe('');
      expect(command.stderr().split(`${log} can't be written`)).toHaveLength(2);
    } finally {
      command.process.kill('SIGTERM');
      await command.ended;
    }
  },
);
