import type { Mutant } from './mutant.ts';

const policy = 'packages/review-server/src/policy/may-decide.ts';
const castVote = 'packages/review-server/src/store/cast-vote.ts';
const votes = 'packages/review-server/test/votes.test.ts';
const groups = 'packages/review-server/test/groups-api.test.ts';
const times = 'packages/review-server/test/times.test.ts';
const visible = 'packages/review-server/src/store/visible.ts';
const roles = 'packages/review-server/test/roles.test.ts';
const signIn = 'packages/review-server/test/sign-in.test.ts';

/** Rights of voters, deputies and onlookers, beside those in `voting`. */
export const rights: readonly Mutant[] = [
  {
    name: 'role of a deputy',
    promise: 'A deputy without the role reviewer decides nothing.',
    mechanism: 'The policy asks for the role of the voter, and for the right of the represented person',
    changes: [
      {
        file: policy,
        find: "if (!person.roles.includes('reviewer') && !(",
        replace: "if (person === representing && !person.roles.includes('reviewer') && !(",
      },
    ],
    test: { file: times, suite: 'on SQLite', name: 'deputy without the role reviewer → may not vote' },
  },
  {
    name: 'one vote of deputy and person',
    promise: 'A deputy and the represented person count once.',
    mechanism: 'The policy looks for votes by or on behalf of either',
    changes: [
      {
        file: policy,
        find: 'people.some(({ id }) => id === voter || id === onBehalfOf),',
        replace: 'voter === person.id && onBehalfOf === representing.id,',
      },
    ],
    test: {
      file: votes,
      suite: 'on SQLite',
      name: 'deputy and the person behind → count once; the ban holds for both',
    },
  },
  {
    name: 'deputy of nobody',
    promise: 'Nobody votes in place of a person without being the deputy.',
    mechanism: 'The represented person is one of those that the voter represents now',
    changes: [
      {
        file: policy,
        find: 'const representing = person.represents?.find(({ id }) => id === onBehalfOf);',
        replace:
          'const representing = person.represents?.find(({ id }) => id === onBehalfOf) ?? { ...person, id: onBehalfOf };',
      },
    ],
    test: { file: times, suite: 'on SQLite', name: 'vote in place of a person whose deputy one is not → refused' },
  },
  {
    name: 'what a voter of several saw',
    promise: 'An approval of several names what the person saw.',
    mechanism: 'Without its digest the vote is refused',
    changes: [
      {
        file: castVote,
        find: "if (several && decision === 'approve' && shown === undefined)",
        replace: "if (several && decision === 'approve' && shown === '')",
      },
    ],
    test: { file: votes, suite: 'on SQLite', name: 'approval without what was seen → refused' },
  },
  {
    name: 'rejection in any stage',
    promise: 'A rejection ends the request, however many approvals it has.',
    mechanism: 'Only approvals are counted',
    changes: [
      {
        file: castVote,
        find: "if (!decides && decision === 'approve' && !(await isComplete(ballot)))",
        replace: 'if (!decides && !(await isComplete(ballot)))',
      },
    ],
    test: { file: votes, suite: 'on SQLite', name: 'rejection in any stage → ends it' },
  },
  {
    name: 'groups too small',
    promise: 'A request that its group can’t approve waits for the administrators too, with the reason.',
    mechanism: 'The stages of a new request are matched with the people who may vote',
    changes: [
      {
        file: 'packages/review-server/src/store/requirement.ts',
        find: 'unfillable.includes(stage.number) ?',
        replace: 'unfillable.includes(-stage.number) ?',
      },
    ],
    test: {
      file: votes,
      suite: 'on SQLite',
      name: 'group too small without the requester → addressed to the administrators with the reason',
    },
  },
  {
    name: 'vote on a hidden request',
    promise: 'A decision tells nothing of a request that the person may not see.',
    mechanism: 'The decide transaction asks whether the person may see the request',
    changes: [
      {
        file: castVote,
        find: 'if (!maySee(person, addressees, openGroups))',
        replace: "if (!maySee(person, addressees, openGroups) && id === '')",
      },
    ],
    test: {
      file: votes,
      suite: 'on SQLite',
      name: 'vote out of turn, of no member, of an auditor → refused, stays open',
    },
  },
  {
    name: 'hidden requests beside another',
    promise: 'The last decisions beside a request are those that the person may see.',
    mechanism: 'The query of the history has the condition of the policy',
    changes: [
      {
        file: 'packages/review-server/src/store/approval-history.ts',
        find: 'const visible = await visibleTo(reads, person);',
        replace: 'const visible = row.id.length === 0 ? await visibleTo(reads, person) : undefined;',
      },
    ],
    test: { file: groups, suite: 'on SQLite', name: 'no member → no word of it in the history or the event stream' },
  },
  {
    name: 'hidden requests in the event stream',
    promise: 'The event stream does not name requests that the person may not see.',
    mechanism: 'Each event is checked by the policy before it is sent',
    changes: [
      {
        file: 'packages/review-server/src/api/event-routes.ts',
        find: '!hidden.has((data as { id: string }).id)',
        replace: 'hidden.size >= 0',
      },
    ],
    test: { file: groups, suite: 'on SQLite', name: 'no member → no word of it in the history or the event stream' },
  },
  {
    name: 'open votes of a linked user',
    promise: 'A person counts once, also after the sign-in was linked to another user.',
    mechanism: 'A user with a vote on an open request is not linked',
    changes: [
      {
        file: 'packages/review-server/src/store/link-user.ts',
        find: 'if (vote !== undefined || edit !== undefined)',
        replace: 'if (edit !== undefined)',
      },
    ],
    test: {
      file: 'packages/review-server/test/link-user.test.ts',
      suite: 'on SQLite',
      name: 'vote of the added user on an open approval → refused; after the decision → linked',
    },
  },
  {
    name: 'held approvals of a paused assistant',
    promise: 'The kill switch ends held approvals, also if it is on for a moment only.',
    mechanism: 'They are dropped in the transaction of the pause',
    changes: [
      {
        file: 'packages/review-server/src/store/drop-holds.ts',
        find: "await dropAll(transaction, dropped, at, 'paused');",
        replace: "await dropAll(transaction, [], at, 'paused');",
      },
    ],
    test: {
      file: 'packages/review-server/test/held-decisions.test.ts',
      suite: 'on SQLite',
      name: 'kill switch → held approvals are dropped also if it ends at once, a held rejection is made',
    },
  },
  {
    name: 'questions of an auditor',
    promise: 'An auditor asks no question: the role reads only.',
    mechanism: 'The route names the roles that may ask',
    changes: [
      {
        file: 'packages/review-server/src/api/question-routes.ts',
        find: "personSignedIn(api.store, c, 'reviewer', 'admin')",
        replace: 'personSignedIn(api.store, c)',
      },
    ],
    test: {
      file: 'packages/review-server/test/questions.test.ts',
      suite: 'on SQLite',
      name: 'an auditor, who only reads → 403, and nothing is asked; without a sign-in → 401',
    },
  },
  {
    name: 'approvals in the lists of an operator',
    promise: 'An operator finds no approval in lists, counts and live updates.',
    mechanism: 'A person without a role that reads approvals has an empty view',
    changes: [
      {
        file: policy,
        find: "if (!person.roles.includes('reviewer')) return 'none';",
        replace: "if (person.roles.length === 0) return 'none';",
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'operator → sees no approval, in no list, count or history' },
  },
  {
    name: 'open approval of an operator',
    promise: 'An operator opens no approval, also none that waits for everyone.',
    mechanism: 'An approval without addressees is visible to those who read approvals',
    changes: [
      {
        file: visible,
        find: "if (approval.addressed === 0) return viewOf(person, []) !== 'none';",
        replace: 'if (approval.addressed === 0) return true;',
      },
    ],
    test: { file: roles, name: 'operator → exactly these routes' },
  },
  {
    name: 'names in the filters of an operator',
    promise: 'A person who sees no approvals does not learn which assistants ask for them.',
    mechanism: 'The filters of an empty view are empty',
    changes: [
      {
        file: 'packages/review-server/src/store/counts.ts',
        find: "if (view === 'none') return",
        replace: "if (view === 'all' && reads === undefined) return",
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'operator → sees no approval, in no list, count or history' },
  },
  {
    name: 'held decision of a lost role',
    promise: 'A person who may see an approval no longer does not see it among the own held decisions.',
    mechanism: 'The query of held decisions has the condition of the policy',
    changes: [
      {
        file: 'packages/review-server/src/store/read-holds.ts',
        find: '(query) => query.where(visible!)',
        replace: '(query) => query',
      },
    ],
    test: { file: roles, name: 'decision held by a reviewer who loses the role' },
  },
  {
    name: 'deputy of an onlooker',
    promise: 'Auditors and operators name no deputy.',
    mechanism: 'The route names the roles',
    changes: [
      {
        file: 'packages/review-server/src/api/times-routes.ts',
        find: "withRole(c, 'reviewer', 'admin')",
        replace: "withRole(c, 'reviewer', 'admin', 'auditor')",
      },
    ],
    test: { file: roles, name: 'auditor → exactly these routes' },
  },
];
