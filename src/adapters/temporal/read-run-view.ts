import { z } from 'zod';
import { digestForm } from '../../domain/payload.ts';
import type { RunView } from '../../domain/run.ts';

const payload = z.discriminatedUnion('type', [
  z.object({ type: z.literal('inline'), value: z.unknown().refine((value) => value !== undefined) }),
  z.object({ type: z.literal('stored'), digest: z.string().regex(digestForm), bytes: z.number() }),
]);
/** Range of a Date, in milliseconds. */
const time = z.number().min(-8.64e15).max(8.64e15);
const approval = z.object({
  request: z.number(),
  kind: z.string(),
  id: z.string().optional(),
  reviewUrl: z.string().optional(),
  waitingSince: time.optional(),
  deadlineAt: time.optional(),
  possiblyTwo: z.boolean().optional(),
});
const decision = z.looseObject({ outcome: z.string(), by: z.string(), decidedAt: z.string().nullable() });
const call = z.object({
  key: z.string(),
  callId: z.string(),
  tool: z.string(),
  arguments: payload,
  state: z.string(),
  approval: approval.optional(),
  decision: decision.optional(),
  settledAs: z.string().optional(),
  questions: z.object({ asked: z.number(), open: z.number() }).optional(),
  paused: z.object({ by: z.string(), at: z.string(), reason: z.string().nullable() }).optional(),
});
/** States are any text: a worker newer than this gateway may know more. */
const view = z.object({
  kind: z.literal('approval').optional(),
  state: z.string(),
  assistant: z.string(),
  turn: z.number(),
  queuedMessages: z.number(),
  calls: z.array(call),
  parked: z.array(z.object({ type: z.string(), message: z.string(), since: time, callKey: z.string().optional() })),
});

/** The answer of the Query `run`. Undefined for another form: any program on the Task Queue may have answered. */
export function readRunView(answer: unknown): RunView | undefined {
  return view.safeParse(answer).data as RunView | undefined;
}
