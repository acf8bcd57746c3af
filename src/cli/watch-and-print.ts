import type { Run, StartedRun } from '../client.ts';
import type { Tools } from './run-action.ts';
import { changeLines, ending, resultText } from './show-run.ts';
import { spinner } from './spinner.ts';

/**
 * Watches a run until it ends. Progress goes to standard error, the answer (of an approval: the approved details) to
 * standard output. With `--json`: the closed run, or with `eachChange` the run at every change, one line each. Exit code
 * 1 when the run does not complete or is not approved.
 */
export async function watchAndPrint(
  { io, json }: Tools,
  id: string,
  events: StartedRun['events'],
  { eachChange = false } = {},
): Promise<void> {
  const progress = io.stderr.isTTY ? spinner(io.stderr, `run ${id}`).start() : undefined;
  const print = (line: string) => {
    progress?.stop();
    io.stderr.write(`${line}\n`);
    progress?.start();
  };
  const signal = io.interrupted();
  signal.addEventListener('abort', () => print(`Stopped watching. The run continues: holdpoint runs watch ${id}`), {
    once: true,
  });
  let before: Run | undefined;
  try {
    for await (const { type, run } of events({
      signal,
      onReconnect: (problem) => print(`${problem.message} Reconnecting.`),
    })) {
      for (const line of changeLines(before, run)) print(line);
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
