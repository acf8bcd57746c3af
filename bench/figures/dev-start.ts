import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTemporalServer } from '../../src/embedded/temporal-server.ts';
import { startHoldpoint } from '../../test/support/holdpoint-command.ts';
import { temporalProgram } from '../../test/support/temporal.ts';
import { median, spreadOf } from '../measure/spread.ts';
import type { Measurement } from '../measurement.ts';
import type { Stage } from '../stage/stage.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const config = join(root, 'examples/email-blast/holdpoint.config.ts');

/** The time from the command, as it is installed, to the line that says that all parts are up. */
export const devStart: Measurement = {
  name: 'start of holdpoint dev',
  figures: ['dev-start'],
  async measure({ stage, scale, progress }) {
    progress('building what npm installs');
    execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'ignore', env: stage.environment });
    const command = installCommand(stage);
    const temporal = await temporalProgram();
    progress('for the first time, which fills the caches');
    await timeStart(stage, command, temporal);
    const seconds: number[] = [];
    const alone: number[] = [];
    for (let start = 1; start <= scale.rounds; start += 1) {
      progress(`${start} of ${scale.rounds}`);
      alone.push(await timeTemporal(stage, temporal, start));
      seconds.push(await timeStart(stage, command, temporal));
    }
    return {
      results: [{ id: 'dev-start', values: { '': median(seconds) }, spreads: { '': spreadOf(seconds) } }],
      facts: [
        {
          topic: 'Start',
          name: "Temporal's dev server alone, on a new file",
          unit: 's',
          value: median(alone),
          spread: spreadOf(alone),
        },
      ],
    };
  },
};

/**
 * Puts the command into a folder as npm does, without the sources: it then runs what is built and keeps compiled code.
 * Returns its path.
 */
function installCommand({ folder }: Stage): string {
  const installed = join(folder, 'installed');
  cpSync(join(root, 'bin'), join(installed, 'bin'), { recursive: true });
  for (const name of ['dist', 'node_modules', 'examples', 'package.json'])
    symlinkSync(join(root, name), join(installed, name));
  return join(installed, 'bin/holdpoint.mjs');
}

/** Seconds until the first line on standard output. @throws Error with the output if it ends before. */
async function timeStart({ folder }: Stage, command: string, temporal: string): Promise<number> {
  const began = performance.now();
  const {
    process: child,
    ended,
    stderr,
  } = startHoldpoint(['dev', '--json', '--config', config, '--data-dir', join(folder, 'dev')], {
    program: [command],
    environment: { XDG_CACHE_HOME: join(folder, 'caches'), HOLDPOINT_TEMPORAL_CLI: temporal },
  });
  const isUp = await Promise.race([once(child.stdout!, 'data').then(() => true), ended.then(() => false)]);
  const took = (performance.now() - began) / 1000;
  if (!isUp) throw new Error(`holdpoint dev ended: ${stderr()}`);
  child.kill('SIGTERM');
  await ended;
  return took;
}

/** Seconds until Temporal answers with Holdpoint's search attributes. */
async function timeTemporal({ folder }: Stage, program: string, nth: number): Promise<number> {
  const began = performance.now();
  const server = await startTemporalServer({ program, dbFilename: join(folder, `alone-${nth}.db`), uiPort: 0 });
  const took = (performance.now() - began) / 1000;
  await server.stop();
  return took;
}
