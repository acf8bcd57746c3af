import type { TranscriptEntry } from '../../../activities/ports.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { Item } from '../response-object.ts';
import { textIn } from '../responses-turn.ts';
import { isOfThisTurn } from './assistants-turn.ts';
import type { AssistantRun, AssistantsTurn } from './assistants-turn.ts';
import { outcomesIn, outcomesItem, outcomesMessage, retoldMessage, turnsOfRun } from './carried-outcomes.ts';
import type { Outcome } from './carried-outcomes.ts';
import { followRun } from './follow-run.ts';
import { freshRun, newestRuns } from './fresh-run.ts';
import type { Thread } from './fresh-run.ts';
import { isGone } from './refusals.ts';
import { submitOutputs } from './submit-outputs.ts';

/** How a turn went: the run that has its reply, and what the turn said. `carried` is null where the run is the last turn's. */
export type Taken = { run: AssistantRun; sent: Item[]; carried: readonly Outcome[] | null; given: boolean };

/**
 * One turn in a thread. Outputs go to the run that asked for them while it takes any; else they are carried into the
 * thread as a message, and a new run starts.
 */
export async function threadTurn(turn: AssistantsTurn, thread: Thread): Promise<Taken> {
  const { request, state, log } = turn;
  const { input } = request;
  const outputs = input.type === 'outputs' ? input.outputs : [];
  const own = thread.fresh ? undefined : await ownRun(turn, thread);
  const outputItems = outputs.map(({ callId, output }): Item => ({ type: 'function_call_output', call_id: callId, output }));

  const asking = input.type === 'outputs' && state && !own && !thread.rebuilt ? await runOf(turn, thread.id, state.runId) : undefined;
  if (asking) {
    const { type, run } = await submitOutputs(turn, asking, outputs);
    if (type === 'went on') return { run, sent: outputItems, carried: null, given: thread.given };
    log.info({ runId: request.runId, turn: request.turn, status: run.status }, 'The run at OpenAI has ended while its calls were open; their outcomes are carried into the thread, and a new run starts.');
  }

  const entries = thread.rebuilt || input.type === 'outputs' ? await savedTurns(turn) : [];
  // Only what the ended run was not told, or was told in vain, answers a repeat: an older call may well be meant anew.
  const carried = input.type === 'outputs' && state ? outcomesIn(turnsOfRun(entries, state.runId), outputs) : [];
  if (outputs.some(({ callId }) => !carried.some((outcome) => outcome.callId === callId))) throw new ModelFailure('ConversationLost', 'The transcript of this run does not hold the calls that its outputs answer. Restore the database, then retry the run.');
  const text = thread.rebuilt
    ? retoldMessage(entries, outcomesIn(entries, outputs), input.type === 'message' ? input.text : null)
    : input.type === 'message' ? input.text : outcomesMessage(carried);
  const said: Item[] = input.type === 'message' ? [{ type: 'message', role: 'user', text: input.text }] : outputItems;
  const sent = carried.length > 0 ? [...said, outcomesItem(carried)] : said;

  const found = own && (await followRun(turn, own));
  if (found && (found.status === 'requires_action' || found.status === 'completed')) return { run: found, sent, carried, given: thread.given };
  return { run: await freshRun(turn, thread, text), sent, carried, given: thread.given };
}

/** The newest run that an earlier attempt of this turn made; undefined when there is none. */
async function ownRun(turn: AssistantsTurn, thread: Thread): Promise<AssistantRun | undefined> {
  const noted = textIn(turn.request.resumeFrom, 'runId');
  const known = noted === undefined ? undefined : await runOf(turn, thread.id, noted);
  return known ?? (await newestRuns(turn, thread.id)).find((run) => isOfThisTurn(turn.request, run));
}

async function runOf({ client, request }: AssistantsTurn, threadId: string, runId: string): Promise<AssistantRun | undefined> {
  try {
    return await client.beta.threads.runs.retrieve(runId, { thread_id: threadId }, { signal: request.signal });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** All earlier turns. @throws ModelFailure `ConversationLost` when one is missing. */
async function savedTurns({ transcripts, request }: AssistantsTurn): Promise<TranscriptEntry[]> {
  const entry = request.conversation?.entry;
  const entries = entry === undefined ? [] : await transcripts.read(entry);
  if (entries) return entries;
  throw new ModelFailure('ConversationLost', `What became of earlier calls must be told again, and the transcript (entry ${String(entry)}) is not in Holdpoint's database. Restore the database, then retry the run.`);
}
