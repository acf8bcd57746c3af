import type { TranscriptEntry } from '../../../activities/ports.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { Item } from '../responses/response-object.ts';
import { textIn } from '../responses/responses-turn.ts';
import { isOfThisTurn } from './assistants-turn.ts';
import type { AssistantRun, AssistantsTurn } from './assistants-turn.ts';
import { outcomesIn, outcomesItem, outcomesMessage, retoldMessage, turnsOfRun } from './carried-outcomes.ts';
import type { CarriedOutcome } from './carried-outcomes.ts';
import { endRun, followRun, isActive } from './follow-run.ts';
import { freshRun, newestRuns } from './fresh-run.ts';
import type { Thread } from './fresh-run.ts';
import { isGone } from './refusals.ts';
import { submitOutputs } from './submit-outputs.ts';

/** A taken turn: the run with its reply, and the items sent. `carried`: null if the previous turn's run continued. */
export type Taken = { run: AssistantRun; sent: Item[]; carried: readonly CarriedOutcome[] | null; given: boolean };

/**
 * Takes one turn in a thread. Outputs go to the run that asked for them while it accepts them. Otherwise a message
 * carries them into the thread, and a new run starts. That also happens if the user sent a message: a thread accepts
 * none while a run works, and the run would continue without it.
 */
export async function threadTurn(turn: AssistantsTurn, thread: Thread): Promise<Taken> {
  const { request, state, log } = turn;
  const { outputs, messages } = request.input;
  const own = thread.fresh ? undefined : await ownRun(turn, thread);
  const outputItems = outputs.map(({ callId, output }): Item => ({
    type: 'function_call_output',
    call_id: callId,
    output,
  }));

  const asking =
    outputs.length > 0 && state && !own && !thread.rebuilt ? await runOf(turn, thread.id, state.runId) : undefined;
  if (asking && messages.length > 0) {
    if (isActive(asking)) await endRun(turn, asking);
  } else if (asking) {
    const { type, run } = await submitOutputs(turn, asking, outputs);
    if (type === 'went on') return { run, sent: outputItems, carried: null, given: thread.given };
    log.info(
      { runId: request.runId, turn: request.turn, status: run.status },
      'The run at OpenAI ended while its calls were open. Their outcomes are added to the thread, and a new run starts.',
    );
  }

  const entries = thread.rebuilt || outputs.length > 0 ? await savedTurns(turn) : [];
  // Only outcomes of the ended run answer a repeat. A repeat of an older call may be a new request.
  const carried = outputs.length > 0 && state ? outcomesIn(turnsOfRun(entries, state.runId), outputs) : [];
  if (outputs.some(({ callId }) => !carried.some((outcome) => outcome.callId === callId)))
    throw new ModelFailure(
      'ConversationLost',
      'The transcript of this run does not contain the calls that its outputs answer. Restore the database, then retry the run.',
    );
  const text = thread.rebuilt
    ? retoldMessage(entries, outcomesIn(entries, outputs), messages)
    : carried.length > 0
      ? outcomesMessage(carried, messages)
      : messages.join('\n\n');
  const said = [...outputItems, ...messages.map((message): Item => ({ type: 'message', role: 'user', text: message }))];
  const sent = carried.length > 0 ? [...said, outcomesItem(carried)] : said;

  const found = own && (await followRun(turn, own));
  if (found && (found.status === 'requires_action' || found.status === 'completed'))
    return { run: found, sent, carried, given: thread.given };
  return { run: await freshRun(turn, thread, text), sent, carried, given: thread.given };
}

/** The newest run that an earlier attempt of this turn started. Undefined if there is none. */
async function ownRun(turn: AssistantsTurn, thread: Thread): Promise<AssistantRun | undefined> {
  const noted = textIn(turn.request.resumeFrom, 'runId');
  const known = noted === undefined ? undefined : await runOf(turn, thread.id, noted);
  return known ?? (await newestRuns(turn, thread.id)).find((run) => isOfThisTurn(turn.request, run));
}

async function runOf(
  { client, request }: AssistantsTurn,
  threadId: string,
  runId: string,
): Promise<AssistantRun | undefined> {
  try {
    return await client.beta.threads.runs.retrieve(runId, { thread_id: threadId }, { signal: request.signal });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Reads all earlier turns. @throws ModelFailure `ConversationLost` if one is missing. */
async function savedTurns({ transcripts, request }: AssistantsTurn): Promise<TranscriptEntry[]> {
  const entry = request.conversation?.entry;
  const entries = entry === undefined ? [] : await transcripts.read(entry);
  if (entries) return entries;
  throw new ModelFailure(
    'ConversationLost',
    `The outcomes of earlier calls must be sent again, and the transcript (entry ${String(entry)}) is not in Holdpoint's database. Restore the database, then retry the run.`,
  );
}
