// Approves an approval, or lets it expire, and dies by SIGKILL after the commit, before anything is delivered.
import { setTimeout as pause } from 'node:timers/promises';
import { openReviewDatabase } from '../src/store/database.ts';
import { decide, expireIfDue } from '../src/store/decisions.ts';
import { passwordCost } from '../src/store/password.ts';

const [databaseUrl, id, act, shiftMs] = process.argv.slice(2) as [
  string,
  string,
  'approve' | 'approve-leased' | 'expire',
  string,
];
const database = await openReviewDatabase(databaseUrl, () => undefined);
const die = () => void process.kill(process.pid, 'SIGKILL');
const store = {
  database,
  clock: () => new Date(Date.now() + Number(shiftMs)),
  passwordCost: passwordCost,
  onChange: die,
  // It dies before it sends what it has leased.
  ...(act === 'approve-leased' && { deliver: () => undefined }),
};
if (act !== 'expire') {
  const ana = await database.kysely
    .selectFrom('users')
    .select('id')
    .where('name', '=', 'ana')
    .executeTakeFirstOrThrow();
  await decide(store, { id, answer: { decision: 'approve' }, voter: ana.id });
} else {
  const isOpen = async () =>
    (await database.kysely
      .selectFrom('approvals')
      .select('id')
      .where('id', '=', id)
      .where('status', '=', 'PENDING')
      .executeTakeFirst()) !== undefined;
  while (await isOpen()) {
    await expireIfDue(store, id);
    await pause(2);
  }
  die();
}
