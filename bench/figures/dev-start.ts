import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
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
    progress('for the first time, which fills the caches');
    await timeStart(stage);
    const seconds: number[] = [];
    const alone: number[] = [];
    for (let start = 1; start <= scale.rounds; start += 1) {
      progress(`${start} of ${scale.rounds}`);
      alone.push(await timeTemporal(stage, start));
      seconds.push(await timeStart(stage));
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

/** Seconds until the first line on standard output. @throws Error with the output if it ends before. */
async function timeStart({ folder }: Stage): Promise<number> {
  const began = performance.now();
  const {
    process: child,
    ended,
    stderr,
  } = startHoldpoint(['dev', '--json', '--config', config, '--data-dir', join(folder, 'dev')], {
    program: ['--disable-warning=ExperimentalWarning', join(root, 'dist/cli.js')],
  });
  const isUp = await Promise.race([once(child.stdout!, 'data').then(() => true), ended.then(() => false)]);
  const took = (performance.now() - began) / 1000;
  if (!isUp) throw new Error(`holdpoint dev ended: ${stderr()}`);
  child.kill('SIGTERM');
  await ended;
  return took;
}

/** Seconds until Temporal answers with Holdpoint's search attributes. */
async function timeTemporal({ folder }: Stage, nth: number): Promise<number> {
  const program = await temporalProgram();
  const began = performance.now();
  const server = await startTemporalServer({ program, dbFilename: join(folder, `alone-${nth}.db`), uiPort: 0 });
  const took = (performance.now() - began) / 1000;
  await server.stop();
  return took;
}
