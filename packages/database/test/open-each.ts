import { createInterface } from 'node:readline';
import { openNotes } from './notes.ts';

/* A process for the tests: for each line it opens the next of its databases, writes a note and prints the outcome. */

const [id = '', ...urls] = process.argv.slice(2);
process.stdout.write('ready\n');
for await (const _line of createInterface({ input: process.stdin })) {
  const outcome = await write(urls.shift() ?? '').catch((error: Error) => error.message);
  process.stdout.write(`${outcome}\n`);
}

async function write(url: string): Promise<string> {
  const { kysely } = await openNotes(url);
  await kysely
    .insertInto('notes')
    .values({ id: Number(id), text: '' })
    .execute();
  await kysely.destroy();
  return 'written';
}
