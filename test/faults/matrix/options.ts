import { parseArgs } from 'node:util';

/** The options of `npm run test:faults`. */
export type MatrixOptions = {
  /** One JSON document on standard output. */
  json: boolean;
  /** Write the table to docs/reliability.md. */
  write: boolean;
  /** List the cells and play none. */
  list: boolean;
  /** Texts; a cell is played if its id contains one of them. Empty: all. */
  only: string[];
  /** Play so many cells, picked by `seed`. */
  sample: number | undefined;
  seed: number;
  /** Cells played at once on shared servers. */
  lanes: number;
  help: boolean;
};

export const usage = `npm run test:faults                       every cell of the matrix step × process × fault
npm run test:faults -- --json             the result and a row for each cell as one JSON document; the rest on standard error
npm run test:faults -- --write            also writes the table of docs/reliability.md
npm run test:faults -- --only TEXT        only cells whose name contains TEXT; may be given more than once
npm run test:faults -- --sample N         so many cells, picked by the seed
npm run test:faults -- --seed N           default: 1
npm run test:faults -- --lanes N          cells at once on shared servers; default: 6
npm run test:faults -- --list             the names of the cells
`;

/** Reads the command line. @throws Error that names the wrong option */
export function matrixOptions(args: readonly string[]): MatrixOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      json: flag,
      write: flag,
      list: flag,
      help: { ...flag, short: 'h' },
      only: { type: 'string', multiple: true, default: [] },
      sample: { type: 'string' },
      seed: { type: 'string', default: '1' },
      lanes: { type: 'string', default: '6' },
    },
  });
  const { sample, seed, lanes, ...rest } = values;
  const options = {
    ...rest,
    sample: sample === undefined ? undefined : wholeNumber('--sample', sample),
    seed: wholeNumber('--seed', seed),
    lanes: wholeNumber('--lanes', lanes),
  };
  if (options.write && (options.only.length > 0 || options.sample !== undefined))
    throw new Error('--write is for the whole matrix, not with --only or --sample: the table has every cell.');
  return options;
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${option} ${text} must be a whole number from 1 to 999999999.`);
  return Number(text);
}
