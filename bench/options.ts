import { parseArgs } from 'node:util';

/** The options of the benchmark. */
export type BenchOptions = {
  /** 10,000 paused runs, more repetitions, and the peers. */
  full: boolean;
  /** Only the figures' JSON on standard output. */
  json: boolean;
  /** Write tables and plots to docs/benchmarks.md. */
  docs: boolean;
  /** Only these figures, by id; empty: all. */
  only: string[];
  /** A Temporal server to use instead of an embedded one. */
  temporal: string | undefined;
  help: boolean;
};

export const usage = `npm run bench                          the quick form: under five minutes
npm run bench -- --full                with 10,000 paused runs and the peers: about forty minutes; use it with --temporal
npm run bench -- --json                one JSON document on standard output, an entry for each figure; the rest on standard error
npm run bench -- --docs                also writes tables and plots to docs/benchmarks.md
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
      only: { type: 'string', multiple: true, default: [] },
      temporal: { type: 'string' },
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
  if (values.docs && values.only.length > 0)
    throw new Error('--docs is for the whole benchmark, not with --only: ratios on one page come from one run.');
  return { ...values, temporal: values.temporal };
}
