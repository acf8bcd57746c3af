import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { figures, met } from '../../bench/goals.ts';
import { pausedResults } from '../../bench/figures/paused-runs.ts';
import { benchOptions } from '../../bench/options.ts';
import { comparison, moves, readEarlier } from '../../bench/report/compare.ts';
import { jsonDocument, type JsonEntry } from '../../bench/report/json-document.ts';
import { makeReport, type Report } from '../../bench/report/report.ts';
import { figuresTable } from '../../bench/report/tables.ts';
import { keepReport, writePage } from '../../bench/report/write-page.ts';
import { runBench } from '../../bench/run-bench.ts';
import { imageSettings } from '../../bench/stage/image-settings.ts';
import { quick, scaleOf, type Scale } from '../../bench/scale.ts';
import { processEnvironment } from '../../src/config/environment.ts';

const tiny: Scale = { ...quick, rounds: 1, decisions: 2, faultRuns: 4, faultKills: 1 };
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the benchmark', () => {
  it('memory settings of its processes → those of the image and of a created project', () => {
    const { MALLOC_ARENA_MAX, nodeFlags } = imageSettings;
    for (const path of ['../../Dockerfile', '../../packages/create-holdpoint/templates/Dockerfile']) {
      const image = readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
      expect(image).toContain(`ENV MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX}\n`);
      expect(image).toContain(`ENTRYPOINT ["node", "${nodeFlags.join('", "')}", `);
    }
  });

  it('small run → times decisions against the floor, counts actions under kill -9', async () => {
    const outcome = await runBench({
      scale: tiny,
      only: ['signal', 'faults'],
      temporal: undefined,
      folder,
      environment: processEnvironment(),
      progress: () => {},
      onStop: () => {},
    });
    const { results, facts, problems } = outcome;
    expect(problems).toEqual([]);
    expect(results.map(({ id }) => id)).toEqual(['signal', 'click', 'once', 'evicted', 'faults']);
    for (const { values } of results.slice(0, 4))
      for (const ratio of Object.values(values)) expect(ratio).toBeGreaterThan(0);
    expect(results.at(-1)?.values).toEqual({ lost: 0, doubled: 0 });
    expect(facts.find(({ name }) => name === 'kill -9 of the only worker')?.value).toBe(1);

    const document = jsonDocument(results);
    expect(document.map(({ figure, goal }) => ({ figure, goal }))).toEqual(
      figures.map(({ figure, goal }) => ({ figure, goal })),
    );
    expect(document.at(-1)).toMatchObject({ value: { lost: 0, doubled: 0 }, met: true });
    expect(document.find(({ figure }) => figure.startsWith('worker memory'))).toMatchObject({ value: null, met: null });
    const docs = join(folder, 'docs');
    mkdirSync(docs);
    const page = join(docs, 'benchmarks.md');
    writeFileSync(page, 'Before.\n<!-- measured: quick -->\nwhat was measured last\n<!-- end of quick -->\nAfter.\n');
    const pictures = keepReport('quick', makeReport(outcome), docs).filter((file) => file.endsWith('.svg'));
    const text = readFileSync(page, 'utf8');
    expect(text).toMatch(/^Before\.\n[^]*\nAfter\.\n$/);
    expect(text).toContain('| lost, doubled under faults | lost: 0<br>doubled: 0 |  | 0, 0 | met | 1 |');
    expect(text).toMatch(/\| 100,000 paused runs against 100: [^|]* \| – \|  \| [^|]* \| not run \|  \|/);
    expect(text).not.toContain('what was measured last');
    expect(pictures.length).toBeGreaterThan(1);
    for (const picture of pictures) {
      expect(text).toContain(`](benchmarks/${basename(picture)})`);
      expect(readFileSync(picture, 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
    }
    expect(() => keepReport('full', makeReport(outcome), docs)).toThrow('no place for the full form');
    for (const { figure } of figures)
      expect(figuresTable(results).replaceAll(/\s+/g, '')).toContain(figure.split(' ')[0]);
  }, 300_000);

  it('figures measured apart → their rows and tables are replaced, the others stay with the run that measured them', () => {
    const report = (at: string, results: Report['results'], facts: Report['facts']): Report => ({
      ...makeReport({ results, facts, problems: [], seconds: 90, temporalVersion: '1.32.0', databases: 'PostgreSQL' }),
      at,
      commit: at,
    });
    const fact = (topic: string, value: number) => ({ topic, name: 'one', unit: 's', value });
    const docs = join(folder, 'apart');
    mkdirSync(docs);
    const page = join(docs, 'benchmarks.md');
    writeFileSync(page, '<!-- measured: full -->\n<!-- end of full -->\n');
    const once = (value: number) => ({ id: 'once', values: { '': value } }) as const;
    const click = (value: number) => ({ id: 'click', values: { '': value } }) as const;
    keepReport('full', report('first', [once(1.1), click(1.2)], [fact('Start', 1.5), fact('Faults', 2)]), docs);
    keepReport('full', report('second', [click(1.4)], [fact('Faults', 3.5)]), docs);
    const text = readFileSync(page, 'utf8');
    expect(text).toMatch(/^1\. Measured on second in 2 minutes, at commit second: /m);
    expect(text).toMatch(/^2\. Measured on first in 2 minutes, at commit first: /m);
    expect(text).toMatch(/\| `at-most-once`[^|]*\| 1\.10 \|  \| ≤ 1\.6× \| met \| 2 \|/);
    expect(text).toMatch(/\| reviewer's click[^|]*SQLite files \| 1\.40 \|  \| ≤ 1\.5× at p50 \| met \| 1 \|/);
    expect(text).toMatch(/### Faults\n\nRun 1\.\n\n.*\n.*\n\| one \| 3\.50 s \|\n/);
    expect(text).toMatch(/### Start\n\nRun 2\.\n\n.*\n.*\n\| one \| 1\.50 s \|\n/);
    keepReport('full', report('third', [once(1), click(1.4)], [fact('Start', 1), fact('Faults', 3)]), docs);
    expect(readFileSync(page, 'utf8')).not.toMatch(/at commit (first|second)/);
  });

  it('docs/benchmarks.md: as made from the saved reports', () => {
    const docs = join(folder, 'kept');
    cpSync(fileURLToPath(new URL('../../docs/', import.meta.url)), docs, {
      recursive: true,
      filter: (path) => !path.endsWith('.png'),
    });
    const page = () => readFileSync(join(docs, 'benchmarks.md'), 'utf8');
    const pictures = () => readdirSync(join(docs, 'benchmarks')).toSorted();
    const before = { page: page(), pictures: pictures() };
    writePage(docs);
    expect({ page: page(), pictures: pictures() }).toEqual(before);
  });

  it('one measurement fails → the others run, the failure is reported', async () => {
    const stateFolder = join(folder, 'failing');
    mkdirSync(stateFolder);
    const { results, problems } = await runBench({
      scale: { ...tiny, approvals: [10], inboxQueries: 0 },
      only: ['inbox', 'history', 'restart'],
      temporal: undefined,
      folder: stateFolder,
      environment: processEnvironment(),
      progress: () => {},
      onStop: () => {},
    });
    expect(results.map(({ id }) => id)).toEqual(['history-of-run', 'history']);
    expect(problems).toEqual([
      'restart: this form of the benchmark does not measure it. --full measures most figures.',
      expect.stringMatching(/^inbox with many approvals: /),
    ]);
  }, 120_000);

  it('figure is met only if each of its numbers is', () => {
    const goals = [
      { name: 'p50', atMost: 1.25 },
      { name: 'p99', atMost: 1.5 },
    ];
    expect(met(goals, { p50: 1.25, p99: 1.5 })).toBe(true);
    expect(met(goals, { p50: 1.26, p99: 1 })).toBe(false);
    expect(met(goals, { p50: 1 })).toBe(false);
    expect(met([{ name: '', atLeast: 0.6 }], { '': 0.59 })).toBe(false);
    expect(met(goals, null)).toBe(null);
  });

  it('two runs → the figures that moved by more than the spread of their rounds', () => {
    const entry = (id: string, value: JsonEntry['value'], repeated?: JsonEntry['repeated']): JsonEntry => ({
      id,
      figure: figures.find((each) => each.id === id)?.figure ?? '',
      goal: '',
      met: null,
      value,
      ...(repeated && { repeated }),
    });
    const range = (min: number, max: number) => ({ min, median: (min + max) / 2, max });
    const before = [
      entry('click', 2, range(1.9, 2.1)),
      entry('once', 1, range(0.9, 1.1)),
      entry('throughput', 0.7, range(0.69, 0.72)),
      entry('history-of-run', { events: 35, actions: 8 }),
      entry('faults', { lost: 0, doubled: 0 }),
      entry('restart', null),
    ];
    const after = [
      entry('click', 1.8, range(1.7, 1.85)),
      entry('once', 1.1, range(1, 1.2)),
      entry('throughput', 0.6, range(0.55, 0.65)),
      entry('history-of-run', { events: 30, actions: 8 }),
      entry('faults', { lost: 0, doubled: 0 }),
      entry('restart', 0.9),
    ];
    expect(moves(before, after).map(({ figure, better }) => [figure, better])).toEqual([
      [before[0]?.figure, true],
      [before[2]?.figure, false],
      [`${before[3]?.figure}, events`, true],
    ]);
    expect(comparison(before, after)).toContain('WORSE   0.700 → 0.600');
    expect(comparison(before, before)).toBe('Compared with the earlier run, no figure moved by more than its noise.');
    const file = join(folder, 'earlier.json');
    writeFileSync(file, JSON.stringify(before));
    expect(readEarlier(file)).toEqual(before);
    writeFileSync(file, '{}');
    expect(() => readEarlier(file)).toThrow('must be a file that `npm run bench -- --json` printed. It is other JSON.');
    expect(() => readEarlier(join(folder, 'none.json'))).toThrow("It can't be read as JSON.");
  });

  const read = (...args: string[]) =>
    benchOptions(
      args,
      figures.map(({ id }) => id),
    );

  it('numbers of restarted and of paused runs → those of the full form, or the ones asked for', () => {
    const runs = (...args: string[]) => {
      const { restartedRuns, paused } = scaleOf(read(...args));
      return { restartedRuns, paused };
    };
    expect(runs()).toEqual({ restartedRuns: 0, paused: [] });
    expect(runs('--full')).toEqual({ restartedRuns: 10_000, paused: [100, 10_000, 100_000] });
    expect(runs('--full', '--restarted', '2000').restartedRuns).toBe(2000);
    expect(runs('--full', '--restarted', '0').restartedRuns).toBe(0);
    expect(runs('--full', '--paused', '10000').paused).toEqual([100, 10_000]);
    expect(runs('--full', '--paused', '20000').paused).toEqual([100, 10_000, 20_000]);
    for (const wrong of ['many', '-1', '1.5', '1e4', ''])
      expect(() => read('--full', `--restarted=${wrong}`)).toThrow('It must be a whole number from 0 to 9999999.');
    expect(() => read('--full', '--paused', '100')).toThrow('--paused 100 is not a number of runs.');
    expect(() => read('--paused', '10000')).toThrow('npm run bench -- --full --paused 10000');
  });

  it('fewer paused runs than the goal names → no row of the figure', () => {
    const among = (paused: number, ms: number) => ({ paused, rounds: [[ms], [ms]] });
    expect(pausedResults([among(100, 10), among(10_000, 11)], 2)).toEqual([]);
    expect(pausedResults([among(100, 10), among(10_000, 11), among(100_000, 12)], 2)).toMatchObject([
      { id: 'paused', values: { signal: 1.2, lookSeconds: 2 } },
    ]);
  });

  it('unknown option or figure → refused with what to do', () => {
    expect(
      read('--full', '--json', '--temporal', '127.0.0.1:7233', '--only', 'signal', '--only', 'inbox'),
    ).toMatchObject({ full: true, json: true, temporal: '127.0.0.1:7233', only: ['signal', 'inbox'] });
    expect(read('--docs').docs).toBe(true);
    expect(read('--docs', '--only', 'inbox')).toMatchObject({ docs: true, only: ['inbox'] });
    expect(read('--full').postgres).toBe(true);
    expect(read('--postgres', '--compare', 'before.json')).toMatchObject({ full: false, compare: 'before.json' });
    expect(() => read('--fast')).toThrow('--fast');
    expect(() => read('quick')).toThrow('quick');
    expect(() => read('--only', 'speed')).toThrow('There is no figure "speed". There are: signal, signal-postgres,');
    expect(() => read('--temporal', 'http://localhost')).toThrow('It must be HOST:PORT');
  });
});
