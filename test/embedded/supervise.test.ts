import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { StartedProcess } from '../../src/embedded/started-process.ts';
import { supervise } from '../../src/embedded/supervise.ts';

/** Processes that a test ends by hand. */
function fakeProcesses() {
  const started: Array<{ pid: number; end: (how: string) => void; stopped: boolean }> = [];
  let failures = 0;
  const start = async (): Promise<StartedProcess> => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('no luck');
    }
    const { promise: exited, resolve } = Promise.withResolvers<string>();
    const pid = started.length + 1;
    const entry = { pid, end: resolve, stopped: false };
    started.push(entry);
    return {
      pid,
      ready: { number: pid },
      exited,
      kill: (signal) => resolve(signal),
      stop: async () => {
        entry.stopped = true;
        resolve('asked');
      },
    };
  };
  return { started, start, failNext: (count: number) => void (failures = count) };
}

describe('a supervised process', () => {
  it('exits → restarted', async () => {
    const { start } = fakeProcesses();
    const lines: string[] = [];
    const worker = await supervise({ name: 'worker', start, log: (line) => lines.push(line) });
    const up = once(worker.events, 'up');
    worker.kill('SIGKILL');
    expect(await up).toEqual([2]);
    expect(worker.pid).toBe(2);
    expect(worker.ready).toEqual({ number: 2 });
    expect(lines).toEqual(['worker ended (SIGKILL). Starting it again.', 'worker is up again.']);
    await worker.stop();
  });

  it('restart fails → tried again', async () => {
    const { start, failNext } = fakeProcesses();
    const lines: string[] = [];
    const worker = await supervise({ name: 'worker', start, log: (line) => lines.push(line) });
    failNext(2);
    worker.kill('SIGKILL');
    await once(worker.events, 'up');
    expect(lines.filter((line) => line.startsWith('worker does not start: no luck'))).toHaveLength(2);
    await worker.stop();
  });

  it('stop → stays down until start', async () => {
    const { start, started } = fakeProcesses();
    const worker = await supervise({ name: 'worker', start, log: () => {} });
    await worker.stop();
    expect(worker.pid).toBeUndefined();
    await worker.start();
    expect(worker.pid).toBe(2);
    await worker.stop();
    expect(started).toHaveLength(2);
  });

  it('stop during a restart → stays down', async () => {
    const { start, started, failNext } = fakeProcesses();
    const worker = await supervise({ name: 'worker', start, log: () => {} });
    failNext(1);
    worker.kill('SIGKILL');
    await once(worker.events, 'down');
    await worker.stop();
    expect(worker.pid).toBeUndefined();
    expect(started.every(({ pid, stopped }) => pid === 1 || stopped)).toBe(true);
  });

  it('replace → the successor is ready before the old process stops', async () => {
    const { start, started } = fakeProcesses();
    const lines: string[] = [];
    const worker = await supervise({ name: 'worker', start, log: (line) => lines.push(line) });
    await worker.replace();
    expect(worker.pid).toBe(2);
    expect(started[0]?.stopped).toBe(true);
    expect(lines).toEqual([]);
    await worker.stop();
  });

  it('successor does not start → the old process stays', async () => {
    const { start, started, failNext } = fakeProcesses();
    const worker = await supervise({ name: 'worker', start, log: () => {} });
    failNext(1);
    await expect(worker.replace()).rejects.toThrow('no luck');
    expect(worker.pid).toBe(1);
    expect(started[0]?.stopped).toBe(false);
    await worker.stop();
  });

  it('first start fails → error, no restarts', async () => {
    const start = vi.fn(async () => {
      throw new Error('no luck');
    });
    await expect(supervise({ name: 'worker', start, log: () => {} })).rejects.toThrow('no luck');
    expect(start).toHaveBeenCalledTimes(1);
  });
});
