import { rmSync } from 'node:fs';
import { errorText, onStopAsked, usageExitCode } from '@holdpoint/process';
import ora from 'ora';
import { cells as allCells, sampleOf } from './matrix/cells.ts';
import { matrixOptions, usage, type MatrixOptions } from './matrix/options.ts';
import { runMatrix, type Progress } from './matrix/run-matrix.ts';
import { isClean, summaryOf } from './matrix/summary.ts';
import { matrixTable, writeReliabilityTable } from './matrix/table.ts';

/** `npm run test:faults`: strikes runs at every step with every fault, and counts what came of them outside. */
const options = readOptions();
if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const cells = chosenCells(options);
if (options.list) {
  process.stdout.write(`${cells.map(({ id }) => id).join('\n')}\n`);
  process.exit(0);
}
// grpc-js reads these: local connections must not use a proxy that the shell exports.
process.env['no_proxy'] = [process.env['no_proxy'], '127.0.0.1', 'localhost'].filter(Boolean).join(',');
const spinner = ora({ stream: process.stderr, discardStdin: false });
const stopping = new AbortController();
onStopAsked(
  () => {
    process.stderr.write('\nNo further cell begins. Press Ctrl-C again to stop at once.\n');
    stopping.abort();
  },
  () => process.exit(130),
);

try {
  const { rows, seconds, folder } = await runMatrix({
    cells,
    lanes: options.lanes,
    onProgress: progress,
    signal: stopping.signal,
  });
  spinner.stop();
  const summary = summaryOf(rows);
  const clean = isClean(summary);
  const out = options.json ? process.stderr : process.stdout;
  out.write(`\n${matrixTable(rows)}\n\n${JSON.stringify(summary)}\nPlayed in ${(seconds / 60).toFixed(1)} minutes.\n`);
  if (options.write && !stopping.signal.aborted) out.write(`Written: ${writeReliabilityTable(rows, seconds)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...summary, seed: options.seed, rows }, undefined, 2)}\n`);
  if (clean) rmSync(folder, { recursive: true, force: true });
  else process.stderr.write(`The logs of all processes are in ${folder}.\n`);
  process.exit(stopping.signal.aborted ? 130 : clean ? 0 : 1);
} catch (error) {
  spinner.stop();
  process.stderr.write(`\nThe matrix failed: ${errorText(error)}\n`);
  process.exit(1);
}

function progress({ done, total, elapsedMs, cell, row }: Progress): void {
  const left = done === 0 ? '' : `, about ${Math.ceil(((elapsedMs / done) * (total - done)) / 60_000)} min left`;
  const line = `${done}/${total}, ${(elapsedMs / 60_000).toFixed(1)} min${left}: ${cell.id}`;
  if (row !== undefined) {
    const problems = [...Object.entries(row.verdict).map(([harm, why]) => `${harm}: ${why}`), row.invalid ?? []].flat();
    if (problems.length > 0) {
      spinner.stop();
      process.stderr.write(`${cell.id} → ${problems.join('; ')}\n`);
    } else if (!process.stderr.isTTY) process.stderr.write(`${line} → good after ${row.recoveryMs} ms\n`);
    return;
  }
  if (!process.stderr.isTTY) return;
  if (spinner.isSpinning) spinner.text = line;
  else spinner.start(line);
}

function chosenCells({ only, sample, seed }: MatrixOptions) {
  const wanted = allCells.filter(({ id }) => only.length === 0 || only.some((text) => id.includes(text)));
  if (wanted.length === 0) {
    process.stderr.write(`No cell contains ${only.join(' or ')}. --list shows their names.\n`);
    process.exit(usageExitCode);
  }
  return sample === undefined ? wanted : sampleOf(wanted, sample, seed);
}

function readOptions(): MatrixOptions {
  try {
    return matrixOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n\n${usage}`);
    return process.exit(usageExitCode);
  }
}
