import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestStack } from './test-stack.ts';

/** Options of `recordHistories`. */
export type RecordHistoriesOptions = {
  /** The runs to record, or their ids. @default all that `stack.start` started */
  runs?: ReadonlyArray<string | { id: string }>;
  /** True: existing files of the same names are replaced. @default false: they are kept */
  replace?: boolean;
};

/** One file of `recordHistories`. `kept`: a file of this name was there and is unchanged. */
export type RecordedHistory = { file: string; run: string; outcome: 'recorded' | 'kept' | 'replaced' };

/**
 * Writes the histories of a stack's runs as files that `replayAll` reads. A file is named after the id that you gave to
 * `start`, or else after the input. An existing file is kept, since a history of an older version is worth more than a
 * new one. Histories have the inputs, arguments and outputs of their runs as they are: use test data.
 * @example
 * stack.model.calls(refund, { payment: 'p1', amount: 80 });
 * await stack.start('Refund p1', { id: 'refund-waiting' });
 * await stack.reviewer.next();
 * await recordHistories(stack, 'test/histories'); // test/histories/refund-waiting.json
 * @throws HoldpointError `run-not-found` for an id that no run has.
 */
export async function recordHistories(
  stack: Pick<TestStack, 'client' | 'runs'>,
  folder: string,
  { runs, replace = false }: RecordHistoriesOptions = {},
): Promise<RecordedHistory[]> {
  const started = stack.runs();
  const wanted = new Set((runs ?? started).map((run) => (typeof run === 'string' ? run : run.id)));
  mkdirSync(folder, { recursive: true });
  const recorded: RecordedHistory[] = [];
  const names = namesOf(started);
  for (const run of wanted) {
    const file = join(folder, `${names.get(run) ?? fileName(run)}.json`);
    const text = `${impersonal(await stack.client.runs.history(run))}\n`;
    const isNew = writeNew(file, text);
    if (!isNew && replace) writeFileSync(file, text);
    recorded.push({ file, run, outcome: isNew ? 'recorded' : replace ? 'replaced' : 'kept' });
  }
  return recorded;
}

/** A name for each run: its id, or for a random id its input, with a number for a repeated input. */
function namesOf(runs: ReturnType<TestStack['runs']>): Map<string, string> {
  const taken = new Map<string, number>();
  return new Map(
    runs.map(({ id, input, hasRandomId }) => {
      if (!hasRandomId) return [id, fileName(id)];
      const name = fileName(input.toLowerCase()).slice(0, 60).replace(/-$/, '') || 'run';
      const count = (taken.get(name) ?? 0) + 1;
      taken.set(name, count);
      return [id, count === 1 ? name : `${name}-${count}`];
    }),
  );
}

const fileName = (text: string) => text.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replaceAll(/^[-.]+|-+$/g, '');

/** Writes the file and returns true, or returns false if there is one. */
function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Leaves out stack traces and identities, which name the recording machine. A replay needs neither. */
function impersonal(history: unknown): string {
  return JSON.stringify(
    history,
    (key, value: unknown) => {
      if (key === 'stackTrace') return '';
      return key === 'identity' && typeof value === 'string' && value.includes('@') ? 'test' : value;
    },
    1,
  );
}
