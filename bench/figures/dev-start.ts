import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, spreadOf } from '../measure/spread.ts';
import type { Measurement } from '../measurement.ts';

const command = fileURLToPath(new URL('../../bin/holdpoint.mjs', import.meta.url));
const config = fileURLToPath(new URL('../../examples/email-blast/holdpoint.config.ts', import.meta.url));

/** The time from the command to the line that says that all parts are up. */
export const devStart: Measurement = {
  name: 'start of holdpoint dev',
  figures: ['dev-start'],
  async measure({ stage, scale, progress }) {
    const dataDir = join(stage.folder, 'dev');
    const seconds: number[] = [];
    // The first start fills the caches.
    for (let start = 0; start <= scale.rounds; start += 1) {
      progress(start === 0 ? 'for the first time' : `${start} of ${scale.rounds}`);
      const took = await timeStart(['dev', '--json', '--config', config, '--data-dir', dataDir], stage.environment);
      if (start > 0) seconds.push(took);
    }
    return {
      results: [{ id: 'dev-start', values: { '': median(seconds) }, spreads: { '': spreadOf(seconds) } }],
      facts: [],
    };
  },
};

/** Seconds until the first line on standard output. @throws Error with the output if it ends before. */
async function timeStart(args: readonly string[], environment: Record<string, string>): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [command, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (text: Buffer) => void (errors += text.toString()));
  const isUp = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
  const took = (performance.now() - began) / 1000;
  if (!isUp) throw new Error(`holdpoint dev ended: ${errors}`);
  child.kill('SIGTERM');
  await ended;
  return took;
}
