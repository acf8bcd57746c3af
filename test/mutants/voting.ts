import type { Mutant } from './mutant.ts';

const policy = 'packages/review-server/src/policy/may-decide.ts';
const castVote = 'packages/review-server/src/store/cast-vote.ts';
const votes = 'packages/review-server/test/votes.test.ts';
const groups = 'packages/review-server/test/groups-api.test.ts';
const times = 'packages/review-server/test/times.test.ts';
const executeTimes = 'packages/review-server/src/store/execute-times.ts';

/** The right people decide, each once, on the version that they saw. */
export const voting: readonly Mutant[] = [
  {
    name: 'only the addressed vote',
    promise: 'A request is decided by the groups that it names.',
    mechanism: 'The policy compares the addressees of the stage with those of the person',
    changes: [
      {
        file: policy,
        find: 'if (!isAddressed(representing, stage.addressees))',
        replace: 'if (!isAddressed(representing, stage.addressees) && stage.number < 0)',
      },
    ],
    test: {
      file: votes,
      suite: 'on SQLite',
      name: 'vote out of turn, of no member, of an auditor → refused, stays open',
    },
  },
  {
    name: 'one vote a person',
    promise: 'A person counts once in a request.',
    mechanism: 'The policy looks for an earlier vote on the version, and a key of the table forbids a second',
    changes: [{ file: policy, find: 'if (mine.length > 0 && !(vote', replace: 'if (mine.length > 99 && !(vote' }],
    test: { file: votes, suite: 'on SQLite', name: 'second vote of one person → refused, a later rejection counts' },
  },
  {
    name: 'own request',
    promise: 'The person that a run acts for does not approve its calls.',
    mechanism: 'The policy compares the names of the person with those of the request',
    changes: [
      {
        file: policy,
        find: 'if (!standing.allowSelf && people.some(',
        replace: "if (!standing.allowSelf && vote !== 'approve' && people.some(",
      },
    ],
    test: { file: votes, suite: 'on SQLite', name: 'named as an approver → the ban stays' },
  },
  {
    name: 'aliases of an own request',
    promise: 'An alias does not lift the ban on own requests.',
    mechanism: 'The policy compares all names of the person, without letter case',
    changes: [
      {
        file: 'packages/review-server/src/policy/person-names.ts',
        find: '[person.name, ...person.aliases].some(',
        replace: '[person.name].some(',
      },
    ],
    test: { file: votes, suite: 'on SQLite', name: 'alias of an administrator → refused too' },
  },
  {
    name: 'votes of an earlier version',
    promise: 'A vote counts for the version that the person saw.',
    mechanism: 'The count takes the votes of the present version',
    changes: [
      {
        file: castVote,
        find: "    .where('version', '=', version)\n    .where('stage', '=', stage)\n",
        replace: "    .where('stage', '=', stage)\n",
      },
    ],
    test: {
      file: votes,
      suite: 'on SQLite',
      name: 'edit between votes → next version, votes begin again, old votes stay and never count',
    },
  },
  {
    name: 'vote of the editor',
    promise: 'The author of an edit is no second person for it.',
    mechanism: 'The policy refuses the approval of the editor where several are needed',
    changes: [
      {
        file: policy,
        find: 'if (votesNeeded(standing) > 1 && people',
        replace: 'if (votesNeeded(standing) > 99 && people',
      },
    ],
    test: { file: votes, suite: 'on SQLite', name: 'approval of the editor → does not count as the second vote' },
  },
  {
    name: 'unknown groups',
    promise: 'An unknown group widens nothing.',
    mechanism: 'Its stage is addressed to the administrators',
    changes: [
      {
        file: 'packages/review-server/src/store/requirement.ts',
        find: "addressees: [found === undefined ? 'admins' : `group:${found.id}`],",
        replace: "addressees: [found === undefined ? 'everyone' : `group:${found.id}`],",
      },
    ],
    test: {
      file: votes,
      suite: 'on SQLite',
      name: 'unknown group → addressed to the administrators, not to all reviewers',
    },
  },
  {
    name: 'requests that others may not see',
    promise: 'A request of a group is hidden from those who may not see it.',
    mechanism: 'Each list and each route asks the policy',
    changes: [
      {
        file: 'packages/review-server/src/store/visible.ts',
        find: "if (view === 'all' || !(",
        replace: "if (view === 'all' || view.own.length > 0 || !(",
      },
    ],
    test: {
      file: groups,
      suite: 'on SQLite',
      name: 'no member → finds it in no list, count, facet, search, id, claim or batch',
    },
  },
  {
    name: 'dates of a deputy',
    promise: 'A deputy decides within the dates only.',
    mechanism: 'The query for the represented people compares the dates with the time of the vote',
    changes: [
      {
        file: 'packages/review-server/src/store/deputies.ts',
        find: ", eb('deputies.from_at', '<=', at), eb('deputies.until_at', '>', at)",
        replace: ", eb('deputies.from_at', '<=', '9999')",
      },
    ],
    test: {
      file: times,
      suite: 'on SQLite',
      name: 'within the dates → sees, votes in place of the person; before, after and once ended → not',
    },
  },
  {
    name: 'deputy of the requester',
    promise: 'The person that a run acts for does not approve its calls by a deputy.',
    mechanism: 'The ban on own requests holds for the voter and for the represented person',
    changes: [
      {
        file: policy,
        find: 'people.some((each) => isNamed(each, standing.actsFor))',
        replace: '[person].some((each) => isNamed(each, standing.actsFor))',
      },
    ],
    test: {
      file: times,
      suite: 'on SQLite',
      name: 'deputy of the person that the assistant acts for → may not approve, may reject',
    },
  },
  {
    name: 'escalation of an earlier turn',
    promise: 'The due time of an earlier stage or version asks nobody in a later one.',
    mechanism: 'A new turn drops the steps before it, and a step compares its stage and version with the present ones',
    changes: [
      {
        file: executeTimes,
        find: 'if (stage !== approval.stage || version !== approval.version) return',
        replace: 'if (stage < 0) return',
      },
      {
        file: 'packages/review-server/src/store/plan-times.ts',
        find: 'now.toISOString(), [reminder, escalation]);',
        replace: 'now.toISOString(), [reminder]);',
      },
    ],
    test: {
      file: times,
      suite: 'on SQLite',
      name: 'next stage, and an edit → times begin again, and the steps before do nothing',
    },
  },
  {
    name: 'groups that can not approve',
    promise: 'A due request does not stop at a group in which no person may approve.',
    mechanism: 'The escalation looks for a person who may approve, and goes to the next group without one',
    changes: [
      {
        file: executeTimes,
        find: 'if (addressee !== undefined && (await hasVoter(transaction, approval, addressee)))',
        replace: 'if (addressee !== undefined)',
      },
    ],
    test: {
      file: times,
      suite: 'on SQLite',
      name: 'group without a person who may approve → passed over and named; after the last one: overdue, still open',
    },
  },
];
