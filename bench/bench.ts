import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ora from 'ora';
import { processEnvironment } from '../src/config/environment.ts';
import { errorText, onStopAsked, usageExitCode } from '@holdpoint/process';
import { figures } from './goals.ts';
import { benchOptions, usage, type BenchOptions } from './options.ts';
import { jsonDocument } from './report/json-document.ts';
import { makeReport } from './report/report.ts';
import { comparison, readEarlier } from './report/compare.ts';
import { factsTable, figuresTable } from './report/tables.ts';
import { keepReport } from './report/write-page.ts';
import { runBench } from './run-bench.ts';
import { scaleOf } from './scale.ts';

/** `npm run bench`: measures Holdpoint against bare Temporal (the floor), and with `--full` also against its peers. */
const options = readOptions();
if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}
// grpc-js reads these: local connections must not use a proxy that the shell exports.
process.env['no_proxy'] = [process.env['no_proxy'], '127.0.0.1', 'localhost'].filter(Boolean).join(',');
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'));
const began = performance.now();
const spinner = ora({ stream: process.stderr, discardStdin: false });
const earlier = options.compare === undefined ? undefined : readEarlier(options.compare);
let stop = async () => {};
onStopAsked(
  () => {
    spinner.stop();
    process.stderr.write('\nStopping. Press Ctrl-C again to stop at once.\n');
    void stop().finally(() => process.exit(130));
  },
  () => process.exit(130),
);

try {
  const outcome = await runBench({
    scale: scaleOf(options),
    only: options.only,
    temporal: options.temporal,
    postgres: options.postgres,
    folder,
    environment: processEnvironment(),
    progress,
    onStop: (newer) => (stop = newer),
  });
  spinner.stop();
  const { results, facts, problems, seconds } = outcome;
  const out = options.json ? process.stderr : process.stdout;
  out.write(
    `\n${factsTable(facts)}\n\n${figuresTable(results)}\n\nMeasured in ${(seconds / 60).toFixed(1)} minutes.\n`,
  );
  if (options.docs) {
    const form = options.full || options.temporal !== undefined ? 'full' : 'quick';
    out.write(`Written:\n${keepReport(form, makeReport(outcome, { withPeers: options.full })).join('\n')}\n`);
  }
  if (earlier) out.write(`\n${comparison(earlier, jsonDocument(results))}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(jsonDocument(results), undefined, 2)}\n`);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
} catch (error) {
  spinner.stop();
  process.stderr.write(`\nThe benchmark failed: ${errorText(error)}\nThe logs of all processes are in ${folder}.\n`);
  await stop().catch(() => {});
  process.exit(1);
}

function progress(text: string): void {
  const line = `${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`;
  if (spinner.isSpinning) spinner.text = line;
  else spinner.start(line);
  // Without a terminal there is no spinner, and each step is a line.
  if (!process.stderr.isTTY) process.stderr.write(`${line}\n`);
}

function readOptions(): BenchOptions {
  try {
    return benchOptions(
      process.argv.slice(2),
      figures.map(({ id }) => id),
    );
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n\n${usage}`);
    return process.exit(usageExitCode);
  }
}
