/**
 * `npm run test:desk [-- COUNT]`: decides so many mixed requests by keyboard in Chromium, 200 by default, and prints the
 * decisions a minute.
 */
import { spawn } from 'node:child_process';
import { processEnvironment } from '../../../../src/config/environment.ts';

const [count = '200'] = process.argv.slice(2);
if (!/^[1-9]\d{0,4}$/.test(count)) {
  process.stderr.write('COUNT must be a number from 1 to 99999, such as: npm run test:desk -- 200\n');
  process.exit(2);
}
spawn('npx', ['vitest', 'run', 'packages/review-server/test/inbox/desk.test.ts', '--silent=false'], {
  stdio: 'inherit',
  env: { ...processEnvironment(), DESK_DECISIONS: count },
}).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
