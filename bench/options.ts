import { parseArgs } from 'node:util';
import { fewestPaused } from './scale.ts';

/** The options of the benchmark. */
export type BenchOptions = {
  /** 100,000 paused runs, more repetitions, and the peers. */
  full: boolean;
  /** Only the figures' JSON on standard output. */
  json: boolean;
  /** Write tables and plots to docs/benchmarks.md. */
  docs: boolean;
  /** Holdpoint's own databases on PostgreSQL. `full` implies it. */
  postgres: boolean;
  /** File with the JSON of an earlier run, to compare with. */
  compare: string | undefined;
  /** Only these figures, by id; empty: all. */
  only: string[];
  /** A Temporal server to use instead of an embedded one. */
  temporal: string | undefined;
  /** Runs that are decided after a restart. 0 leaves the figure out. @default 10,000 */
  restarted: number | undefined;
  /** The largest number of paused runs. @default 100,000 */
  paused: number | undefined;
  help: boolean;
};

export const usage = `npm run bench                          the quick form: under six minutes, embedded server, SQLite files
npm run bench -- --full                with PostgreSQL, 100,000 paused runs and the peers: about four hours; use it with --temporal
npm run bench -- --full --restarted N  N runs are decided after the restart instead of 10,000; 0 leaves the figure out
npm run bench -- --full --paused N     N paused runs at most instead of 100,000: tables, and no row for that goal
npm run bench -- --postgres            the quick form with Holdpoint's own databases on PostgreSQL
npm run bench -- --json                one JSON document on standard output, an entry for each figure; the rest on standard error
npm run bench -- --compare FILE        says which figures moved by more than their noise since FILE, which --json printed
npm run bench -- --docs                also writes tables and plots to docs/benchmarks.md; with --only the other rows stay
npm run bench -- --temporal ADDRESS    on this Temporal server instead of an embedded one
npm run bench -- --only ID             only this figure; may be given more than once
`;

/** Reads the command line. @throws Error that names the wrong option. */
export function benchOptions(args: readonly string[], figures: readonly string[]): BenchOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      full: flag,
      json: flag,
      docs: flag,
      postgres: flag,
      compare: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      temporal: { type: 'string' },
      restarted: { type: 'string' },
      paused: { type: 'string' },
      help: { ...flag, short: 'h' },
    },
  });
  const unknown = values.only.filter((id) => !figures.includes(id));
  if (unknown.length > 0)
    throw new Error(`There is no figure "${unknown.join('", "')}". There are: ${figures.join(', ')}.`);
  if (values.temporal !== undefined && !/^[^\s/]+:\d+$/.test(values.temporal))
    throw new Error(
      `--temporal ${values.temporal} is not an address. It must be HOST:PORT, for example 127.0.0.1:7233.`,
    );
  for (const name of ['restarted', 'paused'] as const)
    if (values[name] !== undefined && !values.full)
      throw new Error(`--${name} is for the full form: npm run bench -- --full --${name} ${values[name]}.`);
  return {
    ...values,
    postgres: values.postgres || values.full,
    temporal: values.temporal,
    compare: values.compare,
    restarted: count('--restarted', values.restarted, { atLeast: 0 }),
    paused: count('--paused', values.paused, { atLeast: fewestPaused + 1 }),
  };
}

function count(option: string, text: string | undefined, { atLeast }: { atLeast: number }): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text) && Number(text) >= atLeast) return Number(text);
  throw new Error(`${option} ${text} is not a number of runs. It must be a whole number from ${atLeast} to 9999999.`);
}
