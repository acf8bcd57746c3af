import { afterAll, beforeAll, expect, it } from 'vitest';
import { linkUser } from '../src/store/link-user.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { openTeam, type Team } from './team.ts';

onBothDatabases((newDatabase) => {
  let team: Team;
  let second: Team;
  beforeAll(async () => {
    const url = await newDatabase();
    team = await openTeam(url);
    // A SQLite file is for one process.
    second = url.startsWith('postgres') ? await openTeam(url) : team;
    await team.addUsers(['boss'], { roles: ['reviewer', 'admin'] });
  });
  afterAll(async () => {
    await team.close();
    if (second !== team) await second.close();
  });

  let people = 0;
  /** A local user and the one that the provider's sign-in added for the same person, both in the group `finance`. */
  async function twice(): Promise<{ local: string; added: string }> {
    const [local, added] = [`p${(people += 1)}`, `p${people} added`];
    await team.addUsers([local, added]);
    const { kysely } = team.database;
    await kysely.updateTable('users').set({ password_hash: '' }).where('name', '=', added).execute();
    const { id } = await kysely.selectFrom('users').select('id').where('name', '=', added).executeTakeFirstOrThrow();
    await kysely
      .insertInto('provider_identities')
      .values({ issuer: 'https://login.example', subject: added, user_id: id, created_at: new Date().toISOString() })
      .execute();
    await team.setGroup('finance', [local, added, 'boss']);
    return { local, added };
  }
  const ask = () => team.ask([{ group: 'finance', approvals: 2 }]);
  const link = ({ local, added }: { local: string; added: string }, at = team) =>
    linkUser(at.store, { name: local, other: added, by: 'boss' });

  it('vote of the added user on an open approval → refused; after the decision → linked', async () => {
    const both = await twice();
    const id = await ask();
    expect((await team.vote(id, both.added)).outcome).toBe('voted');
    expect(await link(both)).toEqual({ outcome: 'has-votes' });
    expect((await team.vote(id, 'boss')).outcome).toBe('decided');
    expect(await link(both)).toEqual({ outcome: 'done' });
  });

  it('vote of the local user → linked, and it stays one vote', async () => {
    const both = await twice();
    const id = await ask();
    await team.vote(id, both.local);
    expect(await link(both)).toEqual({ outcome: 'done' });
    await expect(team.vote(id, both.added)).resolves.not.toMatchObject({ outcome: 'decided' });
    expect((await team.read(id)).status).toBe('PENDING');
  });

  it('passkey of the added user → gone, so a later user of that name has none', async () => {
    const both = await twice();
    const { kysely } = team.database;
    const { id } = await kysely
      .selectFrom('users')
      .select('id')
      .where('name', '=', both.added)
      .executeTakeFirstOrThrow();
    await kysely
      .insertInto('passkeys')
      .values({
        id: `passkey of ${both.added}`,
        user_id: id,
        public_key: '',
        counter: 0,
        transports: '[]',
        device_type: 'singleDevice',
        backed_up: 0,
        name: 'Laptop',
        created_at: new Date().toISOString(),
        last_used_at: null,
      })
      .execute();
    expect(await link(both)).toEqual({ outcome: 'done' });
    expect(await kysely.selectFrom('passkeys').selectAll().where('user_id', '=', id).execute()).toEqual([]);
  });

  it('vote and link at once → linked without an open vote of the removed user, or refused', async () => {
    for (let round = 0; round < 10; round += 1) {
      const both = await twice();
      const id = await ask();
      const [linked, voted] = await Promise.allSettled([link(both), second.vote(id, both.added)]);
      expect(linked.status).toBe('fulfilled');
      const done = linked.status === 'fulfilled' && linked.value.outcome === 'done';
      const votes = await team.votes(id);
      expect({ done, votes: votes.length, voted: voted.status }).toEqual({
        done,
        votes: done ? 0 : 1,
        voted: voted.status,
      });
    }
  });
});
