import { ignoredContinuing, refusedContinuing } from '../continuing.ts';
import { describeError, describeFailed, isReplayRefused } from '../described-error.ts';
import type { DescribedError } from '../described-error.ts';
import { failureType } from '../failure-type.ts';
import { redacted } from '../redacted.ts';
import { replayItems } from './replay-items.ts';
import { savedTranscript, textIn } from './responses-turn.ts';
import type { Answered, Continuing, ResponsesTurn } from './responses-turn.ts';
import { sendTurn } from './send-turn.ts';

/** How a turn carries the earlier conversation: by the last response's id, or by sending the transcript again. */
type Strategy =
  { by: 'start' } | { by: 'previous response'; responseId: string } | { by: 'replay'; plainUpTo: string | null };

/** The result of one strategy. `fallback`: the reason to use the next strategy, if there is one. */
type SendResult = { answered: Answered; fallback?: Fallback } | { error: unknown; fallback?: Fallback };
type Fallback = { continuing?: Continuing; why: string };

/**
 * Takes a turn that continues the last response by its id. Sends the saved transcript instead if OpenAI stores no
 * responses, if the model changed (another model can't read its reasoning), if the assistant has `chain: false`, or if
 * the server does not continue the response. Leaves reasoning out if the server refuses it.
 * @param resumed The end of a background response that an earlier attempt started, and the response that it continues.
 */
export async function chainedTurn(turn: ResponsesTurn, resumed?: Answered & { continued?: string }): Promise<Answered> {
  let continuing = isOtherModel(turn) ? undefined : turn.state?.continuing;
  let strategy: Strategy =
    resumed?.continued === undefined ? firstStrategy(turn) : { by: 'previous response', responseId: resumed.continued };
  let result = resumed ? judge(turn, strategy, resumed) : await trySend(turn, strategy);
  for (;;) {
    const next = result.fallback && nextStrategy(turn, strategy);
    if (!result.fallback || !next) {
      if ('error' in result) throw result.error;
      return { ...result.answered, ...(continuing !== undefined && { continuing }) };
    }
    if (result.fallback.continuing) continuing = continuing === undefined ? result.fallback.continuing : 'off';
    logFallback(turn, strategy, continuing, result.fallback);
    strategy = next;
    result = await trySend(turn, strategy);
  }
}

async function trySend(turn: ResponsesTurn, strategy: Strategy): Promise<SendResult> {
  try {
    return judge(turn, strategy, await sendBy(turn, strategy));
  } catch (error) {
    const described = describeError(error);
    const fallback =
      described &&
      (strategy.by === 'previous response'
        ? chainFallback(turn, strategy, error)
        : replayFallback(strategy, described));
    return { error, ...(fallback && { fallback }) };
  }
}

function judge(turn: ResponsesTurn, strategy: Strategy, answered: Answered): SendResult {
  const { response } = answered;
  if (strategy.by === 'previous response') {
    const continuing = ignoredContinuing(response, { responseId: strategy.responseId, attempt: attemptNumber(turn) });
    const why = response.error?.message ?? 'the answer names another previous_response_id, or none';
    return { answered, ...(continuing && { fallback: { continuing, why: redacted(why, turn.apiKey) } }) };
  }
  const refusal = response.status === 'failed' && response.error ? describeFailed(response.error) : undefined;
  const fallback = refusal && replayFallback(strategy, refusal);
  return { answered, ...(fallback && { fallback }) };
}

function chainFallback(
  turn: ResponsesTurn,
  { responseId }: { responseId: string },
  error: unknown,
): Fallback | undefined {
  const continuing = refusedContinuing(error, { responseId, attempt: attemptNumber(turn) });
  return continuing && { continuing, why: redacted(describeError(error)?.text ?? '', turn.apiKey) };
}

/** Reasoning and ids are left out after a refusal that names them, or that gives no clear reason. */
function replayFallback(strategy: Strategy, error: DescribedError): Fallback | undefined {
  const mayBe = isReplayRefused(error) || failureType(error) === 'ModelRequestRefused';
  return strategy.by === 'replay' && mayBe ? { why: 'the server refused replayed items' } : undefined;
}

async function sendBy(turn: ResponsesTurn, strategy: Strategy): Promise<Answered> {
  if (strategy.by === 'start') return { response: await sendTurn(turn, turn.sent, null, {}) };
  const plainUpTo = strategy.by === 'replay' ? strategy.plainUpTo : (turn.state?.plainUpTo ?? null);
  const kept = plainUpTo === null ? {} : { plainUpTo };
  if (strategy.by === 'previous response') {
    const { responseId } = strategy;
    const note = { ...kept, continued: responseId };
    return { response: await sendTurn(turn, turn.sent, { previous_response_id: responseId }, note), ...kept };
  }
  const earlier = replayItems(await savedTranscript(turn), plainUpTo);
  return { response: await sendTurn(turn, [...earlier, ...turn.sent], null, kept), ...kept };
}

function firstStrategy(turn: ResponsesTurn): Strategy {
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

function nextStrategy({ request, state }: ResponsesTurn, strategy: Strategy): Strategy | undefined {
  const entry = request.conversation?.entry;
  if (entry === undefined || strategy.by === 'start') return undefined;
  if (strategy.by === 'previous response') return { by: 'replay', plainUpTo: state?.plainUpTo ?? null };
  return strategy.plainUpTo === entry ? undefined : { by: 'replay', plainUpTo: entry };
}

function logFallback(
  { log, request }: ResponsesTurn,
  strategy: Strategy,
  continuing: Continuing | undefined,
  { why }: Fallback,
): void {
  const fields = { runId: request.runId, turn: request.turn, from: strategy.by, why };
  if (strategy.by === 'previous response' && continuing === 'off')
    log.warn(
      fields,
      `The server does not continue responses. This run sends its saved transcript from now on. Write chain: false in the assistant "${request.assistant.name}" to send it from the start.`,
    );
  else log.warn(fields, "OpenAI can't continue from its stored state. Sending the saved transcript.");
}

function isOtherModel({ request, state }: ResponsesTurn): boolean {
  return state !== null && state.model !== request.assistant.model;
}

function attemptNumber({ request }: ResponsesTurn): number {
  return request.attempt ?? 1;
}
