/**
 * `npm run test:fuzz`: random and spoiled inputs for every parser, route and conversion.
 *
 *   npm run test:fuzz                        all targets, 120,000 inputs
 *   npm run test:fuzz -- --only gateway      the targets whose names contain the word
 *   npm run test:fuzz -- --seed 42           the inputs of an earlier run
 *   npm run test:fuzz -- --inputs 5000       so many inputs
 *   npm run test:fuzz -- --json              the result as JSON
 *   npm run test:fuzz -- --write             also writes the table into docs/security.md
 *
 * The exit code is 1 after a crash, an unhandled rejection or an answer with a status of 500 or above.
 */
import { parseArgs } from 'node:util';
import { failureText, presentCommit, resultOf, tableOf, writeTable } from './fuzz-result.ts';
import { runFuzz, type FuzzReport } from './run-fuzz.ts';
import { targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    only: { type: 'string' },
    inputs: { type: 'string', default: '120000' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const seed = wholeNumber('--seed', values.seed ?? String(Date.now() % 2 ** 31));
const inputs = wholeNumber('--inputs', values.inputs);
const word = values.only?.toLowerCase() ?? '';
const chosen = targets.filter(({ name }) => name.toLowerCase().includes(word));
if (chosen.length === 0)
  fail(`No target contains "${values.only}". Targets: ${targets.map(({ name }) => name).join(', ')}.`);
if (values.write && chosen.length < targets.length) fail('--write needs all targets: leave --only out.');

const began = performance.now();
const reports = await runFuzz({ targets: chosen, inputs, seed, onProgress: showProgress, onDone: showDone });
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
const result = resultOf(reports, { seed, commit: presentCommit(), seconds: (performance.now() - began) / 1000 });
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${tableOf(result)}\n`);
if (values.write) await writeTable(result);
process.exitCode = result.failures.length === 0 ? 0 : 1;

function showProgress({ target, total }: { target: string; total: number }): void {
  if (!process.stderr.isTTY) return;
  const spent = (performance.now() - began) / 1000;
  const left = total === 0 ? 0 : Math.max(0, (spent / total) * (inputs - total));
  process.stderr.write(
    `\r\u001b[K${total.toLocaleString('en')} of ${inputs.toLocaleString('en')} inputs · ${target} · ${Math.ceil(left)} s left`,
  );
}

/** Prints the failures of a target. Without a terminal each target gets a line too, so that a log of CI shows how far a run came. */
function showDone({ target, inputs: count, seconds, failures }: FuzzReport): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  for (const failure of failures) process.stderr.write(failureText({ target, ...failure }, seed, inputs));
  if (process.stderr.isTTY) return;
  process.stderr.write(`${target}: ${count} inputs, ${failures.length} failures, ${seconds.toFixed(1)} s\n`);
}

function wholeNumber(option: string, written: string): number {
  return /^\d{1,10}$/.test(written) && Number(written) > 0
    ? Number(written)
    : fail(`${option} must be a whole number from 1.`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
