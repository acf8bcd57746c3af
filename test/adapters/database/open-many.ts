import { openDatabase } from '../../../src/adapters/database/open-database.ts';

/* A process for the tests: waits for a line, opens the database, writes a value and ends. */
const [url = '', value = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
process.stdin.once('data', () => void open());

async function open(): Promise<void> {
  const database = await openDatabase(url);
  await database.values.put(value, { runId: 'run', firstRunId: 'first' });
  await database.close();
  process.stdin.pause();
}
