import type { Run, StartedRun } from '../client.ts';
import type { Tools } from './run-action.ts';
import { ending, news, resultText } from './show-run.ts';
import { spinner } from './spinner.ts';

/**
 * Watches a run to its end: progress on standard error, the answer (of an approval: what was approved) on standard
 * output. With `--json` the closed run, or with `eachChange` the run at every change, a line each. Exit code 1 when it
 * did not complete, or was not approved.
 */
export async function watchAndTell(
  { io, json }: Tools,
  id: string,
  events: StartedRun['events'],
  { eachChange = false } = {},
): Promise<void> {
  const progress = io.stderr.isTTY ? spinner(io.stderr, `run ${id}`).start() : undefined;
  const tell = (line: string) => {
    progress?.stop();
    io.stderr.write(`${line}\n`);
    progress?.start();
  };
  const signal = io.interrupted();
  signal.addEventListener('abort', () => tell(`No longer watching. The run goes on: holdpoint runs watch ${id}`), {
    once: true,
  });
  let before: Run | undefined;
  try {
    for await (const { type, run } of events({
      signal,
      onReconnect: (problem) => tell(`${problem.message} Trying again.`),
    })) {
      for (const line of news(before, run)) tell(line);
      if (progress) progress.text = `run ${id}: ${run.state}`;
      if (json && (eachChange || type === 'end')) io.stdout.write(`${JSON.stringify(run)}\n`);
      before = run;
      if (type !== 'end') continue;
      progress?.stop();
      io.stderr.write(`${ending(run)}\n`);
      if (run.state !== 'completed' || (run.kind === 'approval' && run.decision?.outcome !== 'approved'))
        io.setExitCode(1);
      else if (!json) io.stdout.write(`${resultText(run)}\n`);
    }
  } finally {
    progress?.stop();
  }
}
