import { openDatabase } from '../../../src/adapters/database/open-database.ts';

/* A process for the tests: starts an effect and kills itself when `start` resolves. */
const [url = '', callKey = ''] = process.argv.slice(2);
const database = await openDatabase(url);
await database.effects.start({
  callKey,
  start: 1,
  runId: 'run',
  tool: 'send',
  effect: 'at-most-once',
  argumentsDigest: 'd',
  requestsBefore: 3,
  request: null,
  attemptId: 'killed',
  worker: 'w',
  at: 1,
});
process.kill(process.pid, 'SIGKILL');
