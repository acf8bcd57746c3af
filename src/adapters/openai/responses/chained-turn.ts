import { ignoredContinuing, refusedContinuing } from '../continuing.ts';
import { describeError, describeFailed, isReplayRefused } from '../described-error.ts';
import type { DescribedError } from '../described-error.ts';
import { failureType } from '../failure-type.ts';
import { redacted } from '../redacted.ts';
import { replayItems } from './replay-items.ts';
import { savedTranscript, textIn } from './responses-turn.ts';
import type { Answered, Continuing, ResponsesTurn } from './responses-turn.ts';
import { sendTurn } from './send-turn.ts';

/** How a turn says what came before it. */
type Way =
  { by: 'start' } | { by: 'previous response'; responseId: string } | { by: 'replay'; plainUpTo: string | null };

/** How one way ended. `detour`: it did not lead on, and the next way has to be tried, if there is one. */
type Tried = { answered: Answered; detour?: Detour } | { error: unknown; detour?: Detour };
type Detour = { continuing?: Continuing; why: string };

/**
 * A turn chained to the last one by its response id. The saved transcript is sent instead when OpenAI keeps no
 * responses, when the model changed (another model can't read its reasoning), when the assistant says so, or when the
 * server turns out not to continue the response; and without reasoning when that is refused.
 * @param resumed The end of a background response that an earlier attempt started, and the response that it continues.
 */
export async function chainedTurn(turn: ResponsesTurn, resumed?: Answered & { continued?: string }): Promise<Answered> {
  let continuing = isOtherModel(turn) ? undefined : turn.state?.continuing;
  let way: Way =
    resumed?.continued === undefined ? firstWay(turn) : { by: 'previous response', responseId: resumed.continued };
  let tried = resumed ? judged(turn, way, resumed) : await tryWay(turn, way);
  for (;;) {
    const next = tried.detour && nextWay(turn, way);
    if (!tried.detour || !next) {
      if ('error' in tried) throw tried.error;
      return { ...tried.answered, ...(continuing !== undefined && { continuing }) };
    }
    if (tried.detour.continuing) continuing = continuing === undefined ? tried.detour.continuing : 'off';
    tell(turn, way, continuing, tried.detour);
    way = next;
    tried = await tryWay(turn, way);
  }
}

async function tryWay(turn: ResponsesTurn, way: Way): Promise<Tried> {
  try {
    return judged(turn, way, await sendBy(turn, way));
  } catch (error) {
    const described = describeError(error);
    const detour =
      described && (way.by === 'previous response' ? chainDetour(turn, way, error) : replayDetour(way, described));
    return { error, ...(detour && { detour }) };
  }
}

function judged(turn: ResponsesTurn, way: Way, answered: Answered): Tried {
  const { response } = answered;
  if (way.by === 'previous response') {
    const continuing = ignoredContinuing(response, { responseId: way.responseId, attempt: attemptOf(turn) });
    const why = response.error?.message ?? 'the answer names another previous_response_id, or none';
    return { answered, ...(continuing && { detour: { continuing, why: redacted(why, turn.apiKey) } }) };
  }
  const refusal = response.status === 'failed' && response.error ? describeFailed(response.error) : undefined;
  const detour = refusal && replayDetour(way, refusal);
  return { answered, ...(detour && { detour }) };
}

function chainDetour(turn: ResponsesTurn, { responseId }: { responseId: string }, error: unknown): Detour | undefined {
  const continuing = refusedContinuing(error, { responseId, attempt: attemptOf(turn) });
  return continuing && { continuing, why: redacted(describeError(error)?.text ?? '', turn.apiKey) };
}

/** Reasoning and ids are left out after a refusal that speaks of them, or that could be about anything. */
function replayDetour(way: Way, error: DescribedError): Detour | undefined {
  const mayBe = isReplayRefused(error) || failureType(error) === 'ModelRequestRefused';
  return way.by === 'replay' && mayBe ? { why: 'items that were sent again are refused' } : undefined;
}

async function sendBy(turn: ResponsesTurn, way: Way): Promise<Answered> {
  if (way.by === 'start') return { response: await sendTurn(turn, turn.sent, null, {}) };
  const plainUpTo = way.by === 'replay' ? way.plainUpTo : (turn.state?.plainUpTo ?? null);
  const kept = plainUpTo === null ? {} : { plainUpTo };
  if (way.by === 'previous response') {
    const { responseId } = way;
    const note = { ...kept, continued: responseId };
    return { response: await sendTurn(turn, turn.sent, { previous_response_id: responseId }, note), ...kept };
  }
  const earlier = replayItems(await savedTranscript(turn), plainUpTo);
  return { response: await sendTurn(turn, [...earlier, ...turn.sent], null, kept), ...kept };
}

function firstWay(turn: ResponsesTurn): Way {
  const { request, state } = turn;
  const { conversation, assistant, resumeFrom } = request;
  if (conversation === null || state === null) return { by: 'start' };
  const plainUpTo = textIn(resumeFrom, 'plainUpTo') ?? state.plainUpTo ?? null;
  if (isOtherModel(turn)) return { by: 'replay', plainUpTo: conversation.entry };
  const isKept = assistant.store !== false && state.store && !turn.without.has('store');
  if (
    assistant.chain &&
    isKept &&
    state.continuing !== 'off' &&
    state.responseId !== null &&
    state.conversationId === undefined
  )
    return { by: 'previous response', responseId: state.responseId };
  return { by: 'replay', plainUpTo };
}

function nextWay({ request, state }: ResponsesTurn, way: Way): Way | undefined {
  const entry = request.conversation?.entry;
  if (entry === undefined || way.by === 'start') return undefined;
  if (way.by === 'previous response') return { by: 'replay', plainUpTo: state?.plainUpTo ?? null };
  return way.plainUpTo === entry ? undefined : { by: 'replay', plainUpTo: entry };
}

function tell({ log, request }: ResponsesTurn, way: Way, continuing: Continuing | undefined, { why }: Detour): void {
  const fields = { runId: request.runId, turn: request.turn, from: way.by, why };
  if (way.by === 'previous response' && continuing === 'off')
    log.warn(
      fields,
      `The server does not continue responses; sending the saved transcript, now and for the rest of this run. Write chain: false in the assistant "${request.assistant.name}" to send it from the start.`,
    );
  else log.warn(fields, "OpenAI can't go on from what it keeps; sending the saved transcript.");
}

function isOtherModel({ request, state }: ResponsesTurn): boolean {
  return state !== null && state.model !== request.assistant.model;
}

function attemptOf({ request }: ResponsesTurn): number {
  return request.attempt ?? 1;
}
