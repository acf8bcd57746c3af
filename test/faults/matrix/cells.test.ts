import { describe, expect, it } from 'vitest';
import { linkNames, processNames, steps } from './cell.ts';
import { cells, sampleOf } from './cells.ts';
import { momentOf } from './moments.ts';

const valuesOf = (key: 'on' | 'step' | 'fault') => new Set<string>(cells.map((cell) => cell[key]));

describe('cells of the fault matrix', () => {
  it('at least 150, each with a name of its own', () => {
    expect(cells.length).toBeGreaterThanOrEqual(150);
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
  });

  it('every step, process, connection and fault', () => {
    expect(valuesOf('step')).toEqual(new Set(steps));
    expect(valuesOf('on')).toEqual(new Set([...processNames, ...linkNames]));
    expect([...valuesOf('fault')].toSorted()).toEqual([
      '429',
      '500',
      '500 after it acted',
      'SIGKILL',
      'SIGSTOP',
      'SIGSTOP, replaced',
      'black hole',
      'clock +1 h',
      'clock -1 h',
      'crash',
      'disk full',
      'half-open',
      'malformed',
      'out of connections',
      'read-only',
      'refused',
      'reply lost',
      'reset',
      'sessions terminated',
      'slow',
    ]);
  });

  it('the step of a cell on SQLite passes on a connection that a proxy sees', () => {
    const onSqlite = cells.filter(({ lane }) => lane === 'sqlite');
    expect(onSqlite.map((cell) => momentOf(cell).link).filter((link) => link.endsWith('database'))).toEqual([]);
  });

  it('sample: one seed → the same cells; another seed → others', () => {
    const ids = (seed: number) => sampleOf(cells, 20, seed).map(({ id }) => id);
    expect(ids(7)).toEqual(ids(7));
    expect(new Set(ids(7)).size).toBe(20);
    expect(ids(8)).not.toEqual(ids(7));
  });
});
