import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import { createReviewServer } from '@holdpoint/review-server';
import { signInReviewer, type ReviewerClient } from '@holdpoint/review-server/contract';

/** The people of the team demo, with their groups. */
const people = {
  ana: ['comms'],
  ben: ['comms'],
  dora: ['comms'],
  finn: ['comms'],
  cleo: ['legal'],
  eve: ['board'],
} as const;
export type PersonName = keyof typeof people;

/** A review server with people and groups, whose clock the demo moves. */
export type ReviewOffice = {
  url: string;
  connectionKey: string;
  /** A signed-in client of this person. */
  as(person: PersonName): ReviewerClient;
  /** The number of events of this kind in the server's audit. */
  audited(event: string): Promise<number>;
  /** Moves the server's clock ahead. Its due times are whole minutes. */
  skipMinutes(minutes: number): void;
  close(): Promise<void>;
};

/** Starts it in this process, with its database in `folder`. A request that waits a minute for `legal` goes to `board` too. */
export async function openReviewOffice(folder: string): Promise<ReviewOffice> {
  const [connectionKey, password, sessionSecret] = [0, 0, 0].map(() => randomBytes(24).toString('hex')) as [
    string,
    string,
    string,
  ];
  let aheadMs = 0;
  const administrator = 'office';
  const server = await createReviewServer({
    databaseUrl: sqliteUrl(join(folder, 'review.db')),
    connectionKeys: [{ assistant: 'comms', key: connectionKey }],
    reviewers: [
      { name: administrator, password, roles: ['admin', 'auditor'] },
      ...Object.keys(people).map((name) => ({ name, password })),
    ],
    sessionSecret,
    // A low cost: the passwords live as long as the demo.
    passwordCost: { ln: 8, r: 8, p: 1 },
    port: 0,
    callbackHosts: ['127.0.0.1'],
    clock: () => new Date(Date.now() + aheadMs),
  });
  const signIn = async (name: string) => (await signInReviewer(server.url, name, password)).client;
  const admin = await signIn(administrator);
  const clients = new Map<string, ReviewerClient>();
  for (const name of Object.keys(people)) clients.set(name, await signIn(name));
  const groupIds = new Map<string, string>();
  for (const name of ['comms', 'legal', 'board']) {
    const members = Object.entries(people).flatMap(([person, groups]) =>
      (groups as readonly string[]).includes(name) ? [person] : [],
    );
    groupIds.set(name, (await admin.call('POST /groups', { body: { name, members } })).id);
  }
  await admin.call('PUT /times/{owner}', {
    path: { owner: groupIds.get('legal') as string },
    body: { dueAfter: { medium: 1 }, escalateTo: ['board'] },
  });
  return {
    url: server.url,
    connectionKey,
    as: (person) => clients.get(person) as ReviewerClient,
    async audited(event) {
      const { entries } = await admin.call('GET /audit', { query: { event, limit: 200 } });
      return entries.length;
    },
    skipMinutes(minutes) {
      aheadMs += minutes * 60_000;
    },
    close: () => server.close(),
  };
}
