import { databaseFailure } from '@holdpoint/database';
import { once } from 'node:events';
import { openNotes } from './notes.ts';

/* A process for the tests: changes note 1 in a transaction, and after a line on stdin tries to commit. */

const { kysely } = await openNotes(process.argv[2] ?? '');
const outcome = await kysely
  .transaction()
  .execute(async (transaction) => {
    await transaction.updateTable('notes').set({ text: 'holder' }).where('id', '=', 1).execute();
    process.stdout.write('holding\n');
    await once(process.stdin, 'data');
    await transaction.updateTable('notes').set({ text: 'holder, later' }).where('id', '=', 1).execute();
    return 'committed';
  })
  .catch((error: unknown) => `changed: ${databaseFailure(error)?.changed ?? String(error)}`);
process.stdout.write(`${outcome}\n`);
process.exit();
