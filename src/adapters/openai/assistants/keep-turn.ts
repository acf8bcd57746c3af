import { randomUUID } from 'node:crypto';
import type { OpenAI } from 'openai';
import type { RequestedCall, TurnReply } from '../../../activities/ports.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { AssistantsState, AssistantsTurn, CarriedRef } from './assistants-turn.ts';
import { mayBeAskedAgain, outputAt } from './carried-outcomes.ts';
import { callDigest } from './call-digest.ts';
import { readUsage } from '../read-usage.ts';
import { readRun } from './read-run.ts';
import type { Taken } from './thread-turn.ts';

/** Reads the run at OpenAI and stores the turn in the transcript before the Holdpoint run continues. */
export async function keepTurn(turn: AssistantsTurn, { run, sent, carried, given }: Taken): Promise<TurnReply> {
  const { transcripts, log, apiKey, request, state, client } = turn;
  const { runId, firstRunId, turn: number } = request;
  const sameRun = state?.runId === run.id;
  const messages = await newMessages(client, run, sameRun ? (state?.lastMessageId ?? null) : null, request.signal);
  const reply = readRun(run, messages, apiKey);
  if (reply.doubled.length > 0)
    log.warn(
      { runId, turn: number, callIds: reply.doubled },
      'The model used a call id twice in one turn. Each pair became one call.',
    );
  const id = randomUUID();
  const own = (carried ?? []).flatMap((outcome, position): CarriedRef[] =>
    mayBeAskedAgain(outcome) ? [] : [{ digest: callDigest(outcome.name, outcome.arguments), entry: id, position }],
  );
  const unused = carried ? own : [...(state?.carried ?? [])];
  if (reply.outcome.type === 'calls') {
    const matched = reply.outcome.calls.map((call) => {
      const place = unused.findIndex(({ digest }) => digest === callDigest(call.name, call.arguments));
      const [ref] = place < 0 ? [] : unused.splice(place, 1);
      return { call, ref };
    });
    reply.outcome.calls = await Promise.all(
      matched.map(async ({ call, ref }) =>
        ref ? await answered(turn, call, ref, carried?.[ref.position]?.output) : call,
      ),
    );
  }
  const next: AssistantsState = {
    threadId: run.thread_id,
    given,
    runId: run.id,
    lastMessageId: messages.at(-1)?.id ?? (sameRun ? (state?.lastMessageId ?? null) : null),
    carried: reply.outcome.type === 'calls' ? unused : [],
    ...(turn.without.size > 0 && { without: [...turn.without] }),
  };
  const kept = await transcripts.append({
    id,
    parent: request.conversation?.entry ?? null,
    runId,
    firstRunId,
    turn: number,
    assistant: request.assistant.name,
    surface: 'assistants',
    state: next,
    sent,
    received: reply.items,
    words: reply.words,
  });
  // OpenAI counts the tokens of all turns of one run there, and reports them when that run ends.
  const usage = readUsage(run.usage);
  return {
    conversation: { ...kept, surface: next },
    outcome: reply.outcome,
    ...(typeof run.model === 'string' && run.model !== '' && { model: run.model }),
    ...(usage && { usage }),
  };
}

/** Adds the carried output to a call that repeats it. */
async function answered(
  { transcripts }: AssistantsTurn,
  call: RequestedCall,
  ref: CarriedRef,
  atHand: string | undefined,
): Promise<RequestedCall> {
  const answer = atHand ?? outputAt(await transcripts.get(ref.entry), ref.position);
  if (answer !== undefined) return { ...call, answer };
  throw new ModelFailure(
    'ConversationLost',
    `The transcript entry ${ref.entry} with the outcome of an earlier call is not in Holdpoint's database. Restore the database, then retry the run.`,
  );
}

/** The model's messages of a run after the message `after`, oldest first. */
async function newMessages(
  client: OpenAI,
  run: { id: string; thread_id: string },
  after: string | null,
  signal: AbortSignal,
): Promise<OpenAI.Beta.Threads.Message[]> {
  const messages: OpenAI.Beta.Threads.Message[] = [];
  for await (const message of client.beta.threads.messages.list(
    run.thread_id,
    { run_id: run.id, order: 'asc', limit: 100 },
    { signal },
  )) {
    if (message.role === 'assistant' && message.run_id === run.id) messages.push(message);
  }
  return messages.slice(messages.findIndex(({ id }) => id === after) + 1);
}
