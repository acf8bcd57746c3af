import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment } from '../src/config/environment.ts';
import { errorText, onStopAsked, usageExitCode } from '@holdpoint/process';
import { demoOptions, usage, type DemoOptions } from './options.ts';
import { runDemo } from './run-demo.ts';
import { runTeamDemo } from './team/run-team-demo.ts';

/** `npm run demo`: the whole product on this machine, with no account and no real key. */
const options = readOptions();
if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}
// For grpc-js: a proxy of the shell must not stand between us and the local Temporal.
process.env['no_proxy'] = [process.env['no_proxy'], '127.0.0.1', 'localhost'].filter(Boolean).join(',');
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-demo-'));
let stop = async () => {};
// Ctrl-C aborts the demo (130). With --keep, once the stack stays up, Ctrl-C is its normal end (0).
let exitCode = 130;
const stopped = new Promise<never>((_resolve, reject) => {
  onStopAsked(
    () => {
      process.stderr.write('\nStopping. Press Ctrl-C again to stop at once.\n');
      leave().catch(reject);
    },
    () => process.exit(130),
  );
});

try {
  const ok = await Promise.race([
    (options.team ? runTeamDemo : runDemo)({
      options,
      folder,
      environment: processEnvironment(),
      onStop: (newer) => (stop = newer),
      onKept: () => (exitCode = 0),
    }),
    stopped,
  ]);
  exitCode = ok ? 0 : 1;
  await leave();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${errorText(error)}\nThe logs of all processes are in ${folder}/logs.\n`);
  await stop().catch(() => {});
  process.exit(1);
}

async function leave(): Promise<void> {
  await stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(exitCode);
}

function readOptions(): DemoOptions {
  try {
    return demoOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n\n${usage}`);
    return process.exit(usageExitCode);
  }
}
