import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { createDataConverter, encodesFailures } from '../adapters/temporal/data-converter.ts';
import { ConfigError } from '../config/config-error.ts';
import type { PayloadEncryption } from '../schemas/payload-keys.ts';
import { replayedSinks } from '../worker/run-sinks.ts';
import { workflowBundle } from '../worker/workflow-bundle.ts';
import { quietRuntime } from './quiet-runtime.ts';

/** The result for one file. `event`: the first event that does not match the present code, where it can be found. */
export type ReplayResult = {
  file: string;
  ok: boolean;
  events: number;
  problem: string | null;
  event: { id: number; type: string } | null;
};

/** For histories whose values are encrypted. */
export type ReplayOptions = {
  /** The payload keys of the runs: HOLDPOINT_PAYLOAD_KEYS. */
  encryption?: PayloadEncryption | undefined;
  /** Temporal's namespace in which the histories were recorded. @default 'default' */
  namespace?: string | undefined;
};

type HistoryEvent = { eventId: string | number; eventType: string };
type HistoryFile = { events: HistoryEvent[] };

/** A recorded history does not match the present Workflow code. `results` has a result for each history. */
export class ReplayMismatch extends Error {
  override readonly name = 'ReplayMismatch';
  readonly results: readonly ReplayResult[];
  constructor(results: readonly ReplayResult[]) {
    const bad = results.filter(({ ok }) => !ok);
    super(
      `${bad.length} of ${results.length} histories do not match the present Workflow code:\n${bad.map((each) => `  ${replayLine(each)}`).join('\n')}`,
    );
    this.results = results;
  }
}

/** One line for a result. */
export function replayLine({ file, ok, events, event, problem }: ReplayResult): string {
  return ok
    ? `✓ ${file}: ${events} events`
    : `✗ ${file}${event === null ? '' : `, event ${event.id} (${event.type})`}: ${problem}`;
}

/**
 * Replays one history that `holdpoint runs history RUN > FILE` wrote. Returns its result.
 * @throws ReplayMismatch if the present Workflow code does other things than the history has.
 * @throws ConfigError for a file that can't be read or holds no history.
 * @example
 * await replayHistory('test/histories/refund.json');
 */
export async function replayHistory(file: string, options: ReplayOptions = {}): Promise<ReplayResult> {
  const [result] = matching(await replay([file], options));
  return result as ReplayResult;
}

/**
 * Replays every history (`*.json`) of a folder. Returns a result for each, in the order of their names.
 * @throws ReplayMismatch that names each history that does not match, with the event.
 * @throws ConfigError for a folder without histories, and for a file that can't be read or holds none.
 * @example
 * it('open runs survive this deploy', () => replayAll('test/histories'));
 */
export async function replayAll(folder: string, options: ReplayOptions = {}): Promise<ReplayResult[]> {
  const files = historiesIn(folder);
  if (files.length === 0)
    throw new ConfigError([
      `${folder} has no histories (*.json). Export one of an open run: npx holdpoint runs history RUN > ${join(folder, 'RUN.json')}.`,
    ]);
  return matching(await replay(files, options));
}

function matching(results: ReplayResult[]): ReplayResult[] {
  if (results.some(({ ok }) => !ok)) throw new ReplayMismatch(results);
  return results;
}

function historiesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .toSorted((a, b) => a.localeCompare(b, 'en'))
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new ConfigError([`${folder} can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`]);
  }
}

/**
 * Replays each file. A history that does not match the present code is a result with `ok: false`.
 * @throws ConfigError for a file that can't be read or holds no history.
 */
export async function replay(
  files: readonly string[],
  { encryption, namespace = 'default' }: ReplayOptions = {},
): Promise<ReplayResult[]> {
  const histories = files.map((file) => ({ file, history: readHistory(file) }));
  quietRuntime();
  const unreadable: Error[] = [];
  const dataConverter = createDataConverter({
    namespace,
    encryption,
    onUnreadable: (error) => void unreadable.push(error),
  });
  const options: ReplayWorkerOptions = {
    workflowBundle: await workflowBundle({ encodesFailures: encodesFailures(dataConverter) }),
    dataConverter,
    sinks: replayedSinks,
  };
  const results: ReplayResult[] = [];
  for (const { file, history } of histories) {
    const different = await problemOf(options, history);
    // Without its key a history stops in its first task, for no fault of the code.
    const [missing] = unreadable.splice(0);
    const problem = missing === undefined ? different : missing.message;
    const event = problem === null || missing !== undefined ? null : await firstStrangeEvent(options, history, problem);
    results.push({ file, ok: problem === null, events: history.events.length, problem, event });
  }
  return results;
}

function readHistory(file: string): HistoryFile {
  let history: Partial<HistoryFile>;
  try {
    history = JSON.parse(readFileSync(file, 'utf8')) as Partial<HistoryFile>;
  } catch (cause) {
    throw new ConfigError([
      `${file} can't be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
    ]);
  }
  if (!Array.isArray(history.events) || history.events.length === 0)
    throw new ConfigError([
      `${file} holds no history: it needs "events", as temporal workflow show --output json writes them.`,
    ]);
  return history as HistoryFile;
}

async function problemOf(options: ReplayWorkerOptions, history: HistoryFile): Promise<string | null> {
  try {
    await Worker.runReplayHistory(options, history);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // The SDK wraps the one useful sentence into a debug print of its core.
    return /message: "(\[TMPRL\d+\] (?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message;
  }
}

/**
 * Finds the event that the SDK's message does not name. A replay can stop at the start of each Workflow Task, so a binary
 * search for the shortest failing prefix of the history finds the task whose commands differ.
 */
async function firstStrangeEvent(
  options: ReplayWorkerOptions,
  { events }: HistoryFile,
  problem: string,
): Promise<ReplayResult['event']> {
  const ends = events.flatMap((event, index) => (isType(event, 'WORKFLOW_TASK_STARTED') ? [index + 1] : []));
  let [good, bad] = [0, ends.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if ((await problemOf(options, { events: events.slice(0, ends[middle]) })) === null) good = middle;
    else bad = middle;
  }
  const completed = events.findIndex(
    (event, index) => index >= (ends[good] ?? 0) && isType(event, 'WORKFLOW_TASK_COMPLETED'),
  );
  const after = events.slice(completed + 1);
  const next = after.findIndex((event) => isType(event, 'WORKFLOW_TASK_SCHEDULED'));
  const commands = next === -1 ? after : after.slice(0, next);
  const named = /'([^']+)'/.exec(problem)?.[1];
  const strange =
    commands.find((event) => named !== undefined && JSON.stringify(event).includes(JSON.stringify(named))) ??
    commands[0];
  return strange === undefined ? null : { id: Number(strange.eventId), type: strange.eventType };
}

function isType(event: HistoryEvent, type: string): boolean {
  return event.eventType === `EVENT_TYPE_${type}`;
}
