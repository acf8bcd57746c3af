import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'process.ts');
const lifecycle = new URL('../src/run-process.ts', import.meta.url).href;

/** Prints "stopped" when it is stopped gracefully. Its first argument: milliseconds to sleep before `runProcess`. */
beforeAll(() => {
  writeFileSync(
    file,
    `await new Promise((resolve) => setTimeout(resolve, Number(process.argv[2] ?? 0)));
     const { runProcess } = await import(${JSON.stringify(lifecycle)});
     const forever = setInterval(() => {}, 1000);
     await runProcess('thing', async () => {
       if (process.argv[3] === 'hangs') { console.log('starting'); await new Promise(() => {}); }
       if (process.argv[3] === 'broken') throw new Error('It is broken.', { cause: new Error('deeply') });
       return { ready: { url: 'x' }, ...(process.argv[3] === 'fails' ? { failed: Promise.resolve() } : {}), stop: async () => { console.log('stopped'); clearInterval(forever); } };
     });`,
  );
});

function start(args: string[] = []) {
  const child = fork(file, args, { execArgv: ['--conditions=holdpoint-source'], silent: true });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
  // Node has no 'close' for a child that was disconnected.
  const ended = Promise.all([once(child, 'exit'), once(child.stdout!, 'end'), once(child.stderr!, 'end')]).then(
    ([[code, signal]]) => ({ code: code as number | null, signal: signal as string | null, stdout, stderr }),
  );
  return { child, ended, ready: () => once(child.stdout!, 'data') };
}

describe('runProcess', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s after the readiness line → stops, exit code 0',
    async (signal) => {
      const { child, ended, ready } = start();
      await ready();
      child.kill(signal);
      expect(await ended).toEqual({ code: 0, signal: null, stdout: '{"ready":true,"url":"x"}\nstopped\n', stderr: '' });
    },
  );

  it('parent gone → stops', async () => {
    const { child, ended, ready } = start();
    await ready();
    child.disconnect();
    expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining('stopped') });
  });

  it('parent gone before the start → exit code 130', async () => {
    const { child, ended } = start(['500', 'hangs']);
    child.disconnect();
    expect(await ended).toMatchObject({ code: 130 });
  });

  it('SIGTERM during a hanging start → exits at once with 130', async () => {
    const { child, ended, ready } = start(['0', 'hangs']);
    await ready();
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 130, stdout: 'starting\n' });
  });

  it('start fails → message with the cause on standard error, exit code 1', async () => {
    expect(await start(['0', 'broken']).ended).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: 'thing: It is broken. (deeply)\n',
    });
  });

  it('work ends without a stop → exit code 1', async () => {
    expect(await start(['0', 'fails']).ended).toMatchObject({ code: 1, stderr: 'thing: thing ended unexpectedly.\n' });
  });
});
