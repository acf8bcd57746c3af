import fc from 'fast-check';
import type { Reply } from '@holdpoint/openai-stand-in';

/** Tools of the plans: `read` is never reviewed, the others always are; `hurry` has an hour to be decided. */
export const toolNames = ['read', 'pay', 'pay_once', 'hurry'] as const;
export type ToolName = (typeof toolNames)[number];
/** One call as the model writes it. Few names, amounts and ids: so calls repeat, and ids come again in later turns. */
export type PlannedCall = { tool: ToolName; amount: number; id: string };

/** The points at which an attempt can break off: before or after one step to the outside. */
export const points = [
  'surface.takeTurn',
  'transcripts.append',
  'review.request',
  'review.read',
  'review.close',
  'requests.open',
  'requests.answered',
  'effects.start',
  'effects.takeOver',
  'effects.close',
  'effects.doubt',
  'tool',
] as const;
export type Point = (typeof points)[number];
export type Crash = { at: Point; when: 'before' | 'after' };

/** Outside events, one after the other, while the run continues. */
export type Event =
  /** A person decides one of the requests that wait, as soon as there is one. */
  | { type: 'decides'; which: number; how: 'approve' | 'edit' | 'reject' }
  /** A hint: for an existing request, an old one, a mixed-up one, or a made-up one. */
  | { type: 'news'; kind: 'true' | 'twice' | 'only an id' | 'mixed up' | 'made up'; which: number }
  /** Ten minutes go by at OpenAI. */
  | { type: 'OpenAI expires' }
  /** Two hours pass, and the run gets a Signal. */
  | { type: 'deadlines pass' }
  | { type: 'worker restarts' }
  /** The next attempt that comes to this point breaks off there, whenever that is. */
  | { type: 'crash'; crash: Crash }
  /** The next POST to OpenAI is lost, or its reply is. */
  | { type: 'OpenAI loses'; what: 'request' | 'reply' };

export type Plan = { turns: PlannedCall[][]; events: Event[] };

const which = fc.nat({ max: 5 });
const pick = fc.constantFrom;
const call = fc.record({
  tool: pick<ToolName>('pay_once', 'pay', 'hurry', 'read'),
  amount: fc.integer({ min: 1, max: 2 }),
  id: pick('a', 'b', 'c'),
});
/** Most attempts break off around the act: there is most to lose. */
const crashing = fc.record({
  at: fc.oneof(
    { weight: 2, arbitrary: pick<Point>('effects.start', 'effects.close', 'tool') },
    { weight: 1, arbitrary: pick(...points) },
  ),
  when: pick<Crash['when']>('before', 'after'),
});
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ type: pick('decides'), which, how: pick('approve', 'approve', 'edit', 'reject') }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: pick('news'),
      kind: pick('true', 'twice', 'only an id', 'mixed up', 'made up'),
      which,
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: pick('crash'), crash: crashing }) },
  { weight: 3, arbitrary: pick<Event>({ type: 'OpenAI expires' }) },
  { weight: 1, arbitrary: pick<Event>({ type: 'deadlines pass' }) },
  { weight: 1, arbitrary: pick<Event>({ type: 'worker restarts' }) },
  { weight: 1, arbitrary: fc.record({ type: pick('OpenAI loses'), what: pick('request', 'reply') }) },
);

/** Plans as fast-check makes and shrinks them: as often long as short. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  turns: fc.array(fc.uniqueArray(call, { minLength: 1, maxLength: 3, selector: ({ id }) => id }), {
    minLength: 1,
    maxLength: 4,
    size: 'max',
  }),
  events: fc.array(event, { maxLength: 14, size: 'max' }),
});

/** One turn as the stand-in's model says it. */
export function replyOf(turn: readonly PlannedCall[]): Reply {
  return { calls: turn.map(({ tool, amount, id }) => ({ name: tool, arguments: { amount }, callId: id })) };
}

/** A plan as a person reads it. */
export function told({ turns, events }: Plan): string {
  return [
    ...turns.map(
      (turn, index) =>
        `the model, asked ${index + 1}: ${turn.map(({ tool, amount, id }) => `${tool}(${amount}) as ${id}`).join(', ')}`,
    ),
    ...events.map((each) => {
      switch (each.type) {
        case 'decides':
          return `a person decides request ${each.which}: ${each.how}`;
        case 'news':
          return `news of request ${each.which}: ${each.kind}`;
        case 'crash':
          return `crash ${each.crash.when} ${each.crash.at}`;
        case 'OpenAI loses':
          return `OpenAI loses the next ${each.what}`;
        case 'OpenAI expires':
        case 'deadlines pass':
        case 'worker restarts':
          return each.type;
      }
    }),
  ].join('\n');
}
