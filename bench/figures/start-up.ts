import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { workflowBundle } from '../../src/worker/workflow-bundle.ts';
import type { Fact, Measurement } from '../measurement.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const topic = 'Start';

/** Size of the code that a worker loads, and the time from an empty machine to decided approvals. */
export const startUp: Measurement = {
  name: 'start',
  figures: [],
  async measure({ stage, scale, progress }) {
    const { codePath } = await workflowBundle();
    const facts: Fact[] = [{ topic, name: 'Workflow bundle', unit: 'MB', value: statSync(codePath).size / 1e6 }];
    if (!scale.freshClone) return { results: [], facts };
    const folder = join(stage.folder, 'clone');
    const timed = async (name: string, program: string, args: string[], cwd: string): Promise<void> => {
      progress(`fresh clone: ${[program, ...args].join(' ')}`);
      const from = performance.now();
      await run(program, args, { cwd, env: stage.environment });
      facts.push({ topic, name, unit: 's', value: (performance.now() - from) / 1000 });
    };
    await timed('fresh clone: git clone', 'git', ['clone', '--quiet', root, folder], root);
    await timed('fresh clone: npm ci', 'npm', ['ci', '--no-audit', '--no-fund'], folder);
    await timed(
      'fresh clone: npm run demo, with three decisions and two kills',
      'npm',
      ['run', 'demo', '--', '--json'],
      folder,
    );
    return { results: [], facts };
  },
};
