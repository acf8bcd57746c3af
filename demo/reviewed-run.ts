import type { StartedRun } from '../src/client.ts';
import { RESERVED_DETAILS_KEY, type WireObject } from '@holdpoint/cheqpoint/wire';
import type { ReviewerDecision, ReviewerApproval } from '@holdpoint/review-server/contract';
import { seen, type Stage } from './stage.ts';
import type { Story } from './story.ts';
import type { Approved } from './tally.ts';

/** A run of the demo whose tool call was held. */
export type HeldRun = { run: StartedRun; approval: ReviewerApproval; callKey: string; arguments: WireObject };

/** Holdpoint's data beside the arguments. The demo reads it only. */
type Envelope = { callKey: string; context: { requestedBy?: string } | null };

/** A user asks the assistant for mail to all customers. Resolves when the call waits for a decision. */
export async function askForMail(
  { client, reviewer }: { client: Stage['client']; reviewer: Pick<Stage['reviewer'], 'read'> },
  story: Story,
  { id, user, input }: { id: string; user: string; input: string },
): Promise<HeldRun> {
  const run = await client.runs.create({ assistant: 'comms', input, context: { user }, id });
  story.line(`${user} asks`, `"${input}"`);
  story.waiting('the assistant is thinking');
  const approvalId = await seen('A call waiting for its review', async () => {
    const { detail, failure } = await run.get();
    if (failure !== null) throw new Error(`The run ${id} failed: ${failure.message}`);
    return detail?.calls.find(({ state }) => state === 'waiting')?.approval?.id ?? undefined;
  });
  const approval = await reviewer.read(approvalId);
  const { [RESERVED_DETAILS_KEY]: envelope, ...args } = approval.details;
  const { callKey, context } = envelope as Envelope;
  const facts = {
    ...args,
    risk: approval.riskLevel,
    'asked by': context?.requestedBy,
    because: approval.justification,
  };
  story.line('HELD', `${approval.action} waits for a person's decision`, {
    strong: true,
    details: Object.entries(facts).map(([name, value]) => `${name.padEnd(17)}${String(value)}`),
  });
  return { run, approval, callKey, arguments: args };
}

/** Decides as the reviewer, at the review server. Returns the approved call; undefined after a rejection. */
export async function decide(
  { reviewer }: Stage,
  story: Story,
  held: HeldRun,
  decision: ReviewerDecision,
): Promise<Approved | undefined> {
  const { decidedAt, decidedBy } = await reviewer.decide(held.approval.id, decision);
  const edits = Object.entries(decision.modifiedDetails ?? {}).filter(([key, value]) => held.arguments[key] !== value);
  const what = decision.decision === 'reject' ? 'REJECTED' : edits.length > 0 ? 'APPROVED, EDITED' : 'APPROVED';
  story.line(what, `by the reviewer "${decidedBy ?? ''}"`, {
    strong: true,
    details: [
      ...edits.map(([key, value]) => `${key}: ${JSON.stringify(held.arguments[key])} → ${JSON.stringify(value)}`),
      ...(decision.note ? [`note: "${decision.note}"`] : []),
    ],
  });
  return decision.decision === 'reject'
    ? undefined
    : { callKey: held.callKey, arguments: decision.modifiedDetails ?? held.arguments, decidedAt: decidedAt as string };
}

/** Waits for the `nth` request to the mail service for this call, and prints it. */
export async function toolStart(
  { mail }: Pick<Stage, 'mail'>,
  story: Story,
  { callKey, decidedAt }: Approved,
  nth = 1,
): Promise<void> {
  story.waiting(
    nth === 1
      ? 'the tool is starting'
      : 'Temporal retries on the new worker when the dead one has sent no heartbeat for 5 s',
  );
  const start = await seen(
    `Call ${nth} of the mail service`,
    async () =>
      (await mail.log()).filter(({ type, idempotencyKey }) => type === 'request' && idempotencyKey === callKey)[
        nth - 1
      ],
  );
  if (nth === 1)
    story.line(
      'tool runs',
      `its call reaches the mail service ${Date.parse(start.at) - Date.parse(decidedAt)} ms after the decision`,
    );
  else
    story.line('tool runs again', 'on the new worker, with the same idempotency key, after 5 s without a heartbeat', {
      details: ['the mail service knows the key: it repeats its answer and sends no second mail'],
    });
}

/** Waits for the final answer (without `withinMs`, for any time) and prints it. `before` runs before the print. */
export async function finalAnswer(
  story: Story,
  { run }: HeldRun,
  withinMs?: number,
  before: () => Promise<void> = async () => {},
): Promise<string> {
  if (withinMs !== undefined) story.waiting('the assistant gets the result and answers');
  const output = await run.result(withinMs === undefined ? {} : { signal: AbortSignal.timeout(withinMs) });
  if (typeof output !== 'string') throw new Error(`An answer in words was expected, not ${JSON.stringify(output)}.`);
  await before();
  const [answer = '', ...notes] = output.split('\n');
  story.line('answer', answer, { details: notes });
  return output;
}
