import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { nodeFlags } from '../../../src/embedded/node-process.ts';

const module = fileURLToPath(new URL('../src/process-log.ts', import.meta.url));
const program = `import { processLog } from ${JSON.stringify(module)};
const log = processLog('info');
log.info('up');
process.stdin.once('data', () => {
  log.info('the first line that nobody reads');
  log.info('the second');
  process.exit(0);
});`;

it('processLog: reader of standard error gone → the process still exits', { timeout: 20_000 }, async () => {
  const child = spawn(process.execPath, [...nodeFlags, '--input-type=module', '--eval', program], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  try {
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(15_000) });
    expect(String((await once(child.stderr, 'data'))[0])).toContain('"msg":"up"');
    child.stderr.destroy();
    await once(child.stderr, 'close');
    child.stdin.write('go');
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

const runModule = fileURLToPath(new URL('../src/run-process.ts', import.meta.url));
const onFullDisk = `import { processLog } from ${JSON.stringify(module)};
import { runProcess } from ${JSON.stringify(runModule)};
const log = processLog('info');
setInterval(() => {}, 1000);
await runProcess('thing', async () => {
  for (let line = 0; line < 3; line += 1) log.info('a line');
  process.stderr.write('words\\n');
  return { ready: {}, stop: async () => log.info('stopping') };
});`;

it.runIf(existsSync('/dev/full'))(
  'processLog, runProcess: standard error on a full disk → the process starts, and stops when asked',
  { timeout: 20_000 },
  async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [...nodeFlags, '--input-type=module', '--eval', onFullDisk], {
      stdio: ['ignore', 'pipe', full],
    });
    closeSync(full);
    try {
      const exited = once(child, 'exit', { signal: AbortSignal.timeout(15_000) });
      expect(String((await once(child.stdout!, 'data'))[0])).toBe('{"ready":true}\n');
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  },
);
