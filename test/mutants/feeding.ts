import type { Mutant } from './mutant.ts';

const feed = 'packages/review-server/src/store/decision-feed.ts';
const feedTest = 'packages/review-server/test/decision-feed.test.ts';
const reconcile = 'src/activities/reconcile.ts';
const reconcileTest = 'test/activities/reconcile-feed.test.ts';

/** The feed from which workers learn of decisions whose callback was lost. */
export const feeding: readonly Mutant[] = [
  {
    name: 'Connection Key of the decision feed',
    promise: 'A Connection Key reads the decisions on its assistant’s requests only.',
    mechanism: 'The assistant of the key is part of the query',
    changes: [
      {
        file: feed,
        find: ".select(['id', 'status', 'decided_at', 'decision_number'])\n    .where('assistant_id', '=', assistantId)",
        replace:
          ".select(['id', 'status', 'decided_at', 'decision_number'])\n    .where('assistant_id', '!=', `no ${assistantId}`)",
      },
    ],
    test: {
      file: feedTest,
      suite: 'on SQLite',
      name: 'other Connection Key → its own decisions; a second key of the same assistant continues',
    },
  },
  {
    name: 'cursor of another assistant',
    promise: 'A cursor of another assistant is refused, so its reader starts over and misses no decision.',
    mechanism: 'The cursor has a digest of its last decision',
    changes: [
      {
        file: feed,
        find: 'if (start === undefined || (after !== undefined && !(await isKnown(store, assistantId, start)))) return undefined;',
        replace: 'if (start === undefined) return undefined;',
      },
    ],
    test: {
      file: feedTest,
      suite: 'on SQLite',
      name: 'other Connection Key → its own decisions; a second key of the same assistant continues',
    },
  },
  {
    name: 'cursor after a restore: decisions',
    promise: 'After a restore of the review database, the feed starts over if a decision is missing.',
    mechanism: 'Another decision at the place of the cursor is answered with 410',
    changes: [
      {
        file: feed,
        find: 'if (row === undefined || digestOf(row) !== decision) return false;',
        replace: 'if (row === undefined) return false;',
      },
    ],
    test: {
      file: feedTest,
      suite: 'on SQLite',
      name: 'restored database that lacks the last decision, or has another in its place → 410',
    },
  },
  {
    name: 'cursor after a restore: requests',
    promise: 'After a restore of the review database, the feed starts over if a request is missing.',
    mechanism: 'The cursor names the newest request; without it the answer is 410',
    changes: [{ file: feed, find: 'return found !== undefined;', replace: "return found?.id !== '';" }],
    test: { file: feedTest, suite: 'on SQLite', name: 'restored database that lacks the newest request → 410' },
  },
  {
    name: 'number of a decision after its commit',
    promise: 'A reader of the feed misses no decision that commits late.',
    mechanism: 'A request gets its number only after its decision is committed',
    changes: [
      {
        file: feed,
        find: "where assistant_id = ${assistantId} and status <> 'PENDING' and decision_number is null",
        replace: 'where assistant_id = ${assistantId} and decision_number is null',
      },
      {
        file: feed,
        find: "    .where('decision_number', 'is not', null)\n",
        replace: "    .where('decision_number', 'is not', null)\n    .where('status', '!=', 'PENDING')\n",
      },
    ],
    test: {
      file: feedTest,
      suite: 'on SQLite',
      name: 'approved, rejected, withdrawn, expired, an answered outcome question → each once',
    },
  },
  {
    name: 'decisions read again',
    promise: 'A decision reaches its run although Temporal’s visibility lags.',
    mechanism: 'Each round reads the decisions of the last two to four minutes again',
    changes: [
      {
        file: 'src/domain/reconcile.ts',
        find: 'if (at - last.at < feedOverlapMs) return',
        replace: 'if (at - last.at < feedOverlapMs / 1_000) return',
      },
    ],
    test: { file: reconcileTest, name: 'run becomes visible a minute after its decision → signalled' },
  },
  {
    name: 'requests after a restore',
    promise: 'After a restore of the review database, no waiting run stays without its decision.',
    mechanism: 'An unknown cursor makes the worker read every waiting request once',
    changes: [
      {
        file: reconcile,
        find: "const isLost = feed !== undefined && feed !== 'no-feed' && feed.lost;",
        replace: "const isLost = feed !== undefined && feed !== 'no-feed' && feed.lost && until < 0;",
      },
    ],
    test: {
      file: reconcileTest,
      name: 'cursor unknown after a restore → feed from the oldest request, and every waiting request is read once',
    },
  },
  {
    name: 'place in the feed while the service is away',
    promise: 'An outage of the review server loses no decision of its feed, and ends without a flood of reads.',
    mechanism: 'A server that fails keeps its place in the feed',
    changes: [
      {
        file: reconcile,
        find: 'if (feed === undefined && last !== undefined) return;',
        replace: 'if (feed === undefined && last === null) return;',
      },
    ],
    test: {
      file: reconcileTest,
      name: 'service away for an hour → continues where it was, without reading requests',
    },
  },
];
