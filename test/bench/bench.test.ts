import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { figures, met } from '../../bench/goals.ts';
import { benchOptions } from '../../bench/options.ts';
import { jsonDocument } from '../../bench/report/json-document.ts';
import { figuresTable } from '../../bench/report/tables.ts';
import { runBench } from '../../bench/run-bench.ts';
import { quick, type Scale } from '../../bench/scale.ts';
import { processEnvironment } from '../../src/config.ts';

const tiny: Scale = { ...quick, rounds: 1, decisions: 2, faultRuns: 4, faultKills: 1 };
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the benchmark', () => {
  it('times decisions against the floor, and counts what the world saw under kill -9', async () => {
    const { results, facts } = await runBench({ scale: tiny, only: ['signal', 'faults'], temporal: undefined, folder, environment: processEnvironment(), progress: () => {}, onStop: () => {} });
    expect(results.map(({ id }) => id)).toEqual(['signal', 'click', 'once', 'evicted', 'faults']);
    for (const { values } of results.slice(0, 4)) for (const ratio of Object.values(values)) expect(ratio).toBeGreaterThan(0);
    expect(results.at(-1)?.values).toEqual({ lost: 0, doubled: 0 });
    expect(facts.find(({ name }) => name === 'kill -9 of the only worker')?.value).toBe(1);

    const document = jsonDocument(results);
    expect(document.map(({ figure, goal }) => ({ figure, goal }))).toEqual(figures.map(({ figure, goal }) => ({ figure, goal })));
    expect(document.at(-1)).toMatchObject({ value: { lost: 0, doubled: 0 }, met: true });
    expect(document.find(({ figure }) => figure.startsWith('worker memory'))).toMatchObject({ value: null, met: null });
    for (const { figure } of figures) expect(figuresTable(results).replaceAll(/\s+/g, '')).toContain(figure.split(' ')[0]);
  }, 120_000);

  it('takes a figure for met only when each of its numbers is', () => {
    const goals = [{ name: 'p50', atMost: 1.25 }, { name: 'p99', atMost: 1.5 }];
    expect(met(goals, { p50: 1.25, p99: 1.5 })).toBe(true);
    expect(met(goals, { p50: 1.26, p99: 1 })).toBe(false);
    expect(met(goals, { p50: 1 })).toBe(false);
    expect(met([{ name: '', atLeast: 0.6 }], { '': 0.59 })).toBe(false);
    expect(met(goals, null)).toBe(null);
  });

  it('refuses what it does not know, with what to do', () => {
    const read = (...args: string[]) => benchOptions(args, figures.map(({ id }) => id));
    expect(read('--full', '--json', '--temporal', '127.0.0.1:7233', '--only', 'signal', '--only', 'inbox')).toMatchObject({ full: true, json: true, temporal: '127.0.0.1:7233', only: ['signal', 'inbox'] });
    expect(() => read('--fast')).toThrow('--fast');
    expect(() => read('quick')).toThrow('quick');
    expect(() => read('--only', 'speed')).toThrow('There is no figure "speed". There are: signal, click,');
    expect(() => read('--temporal', 'http://localhost')).toThrow('It must be HOST:PORT');
  });
});
