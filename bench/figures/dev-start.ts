import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHoldpoint } from '../../test/support/holdpoint-command.ts';
import { median, spreadOf } from '../measure/spread.ts';
import type { Measurement } from '../measurement.ts';

const config = fileURLToPath(new URL('../../examples/email-blast/holdpoint.config.ts', import.meta.url));

/** The time from the command to the line that says that all parts are up. */
export const devStart: Measurement = {
  name: 'start of holdpoint dev',
  figures: ['dev-start'],
  async measure({ stage, scale, progress }) {
    const args = ['dev', '--json', '--config', config, '--data-dir', join(stage.folder, 'dev')];
    progress('for the first time, which fills the caches');
    await timeStart(args);
    const seconds: number[] = [];
    for (let start = 1; start <= scale.rounds; start += 1) {
      progress(`${start} of ${scale.rounds}`);
      seconds.push(await timeStart(args));
    }
    return {
      results: [{ id: 'dev-start', values: { '': median(seconds) }, spreads: { '': spreadOf(seconds) } }],
      facts: [],
    };
  },
};

/** Seconds until the first line on standard output. @throws Error with the output if it ends before. */
async function timeStart(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const { process: child, ended, stderr } = startHoldpoint(args);
  const isUp = await Promise.race([once(child.stdout!, 'data').then(() => true), ended.then(() => false)]);
  const took = (performance.now() - began) / 1000;
  if (!isUp) throw new Error(`holdpoint dev ended: ${stderr()}`);
  child.kill('SIGTERM');
  await ended;
  return took;
}
