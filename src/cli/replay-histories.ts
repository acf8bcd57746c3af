import { readFileSync } from 'node:fs';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { ConfigError } from '../config.ts';
import { workflowBundle } from '../workflow-bundle.ts';

/** What came of one file. */
export type ReplayResult = { file: string; ok: boolean; events: number; problem: string | null };

type HistoryFile = { events?: unknown[] };

/**
 * Replays each file; a history that the present code does not understand is a result, not an error.
 * @throws ConfigError for a file that can't be read or holds no history.
 */
export async function replay(files: readonly string[]): Promise<ReplayResult[]> {
  const histories = files.map((file) => ({ file, history: readHistory(file) }));
  Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), shutdownSignals: [] });
  const options = { workflowBundle: await workflowBundle() };
  const results: ReplayResult[] = [];
  for (const { file, history } of histories) {
    const events = history.events?.length ?? 0;
    try {
      await Worker.runReplayHistory(options, history);
      results.push({ file, ok: true, events, problem: null });
    } catch (error) {
      results.push({ file, ok: false, events, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  return results;
}

function readHistory(file: string): HistoryFile {
  let history: HistoryFile;
  try {
    history = JSON.parse(readFileSync(file, 'utf8')) as HistoryFile;
  } catch (cause) {
    throw new ConfigError([`${file} can't be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}.`]);
  }
  if (!Array.isArray(history.events) || history.events.length === 0) throw new ConfigError([`${file} holds no history: it needs "events", as temporal workflow show --output json writes them.`]);
  return history;
}
