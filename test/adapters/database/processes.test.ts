import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeOnBothDatabases } from './databases.ts';

function start(program: string, ...parameters: string[]) {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=holdpoint-source', file, ...parameters], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) => ({ code, signal, errors }));
  return { child, ended };
}

describeOnBothDatabases('several processes', (kind) => {
  it('new database opened at the same moment → each of them writes', async (test) => {
    const url = await kind.emptyUrl(test);
    const values = ['1', '2', '3', '4', '5', '6'];
    const processes = values.map((value) => start('open-many.ts', url, value));
    await Promise.all(processes.map(({ child }) => once(child.stdout, 'data')));
    for (const { child } of processes) child.stdin.end('go\n');
    expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual(
      values.map(() => ({ code: 0, signal: null, errors: '' })),
    );

    const database = await kind.open(url);
    const owner = { runId: 'run', firstRunId: 'first' };
    for (const value of values)
      expect(await database.values.get((await database.values.put(value, owner)).digest, owner)).toBe(value);
  });

  it('process killed right after a start → the start is kept', async (test) => {
    const url = await kind.emptyUrl(test);
    const killed = start('start-and-die.ts', url, 'a/1/0/c');
    expect(await killed.ended).toEqual({ code: null, signal: 'SIGKILL', errors: '' });

    const database = await kind.open(url);
    expect(await database.effects.newest('a/1/0/c')).toMatchObject({
      start: 1,
      attemptId: 'killed',
      state: 'open',
      attempts: 1,
    });
    expect(
      await database.effects.start({
        callKey: 'a/1/0/c',
        start: 1,
        runId: 'run',
        tool: 'send',
        effect: 'at-most-once',
        argumentsDigest: 'd',
        requestsBefore: 3,
        request: null,
        attemptId: 'later',
        worker: 'w',
        at: 2,
      }),
    ).toBe('exists');
  });
});
