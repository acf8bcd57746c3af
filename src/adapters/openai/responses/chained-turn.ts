import { isPairingRefused, isPreviousResponseGone, isReplayRefused } from '../described-error.ts';
import { replayItems } from './replay-items.ts';
import { savedTranscript, textIn } from './responses-turn.ts';
import type { Answered, ResponsesTurn } from './responses-turn.ts';
import { sendTurn } from './send-turn.ts';

/** How a turn says what came before it. */
type Way =
  { by: 'start' } | { by: 'previous response'; responseId: string } | { by: 'replay'; plainUpTo: string | null };

/**
 * A turn chained to the last one by its response id. The saved transcript is sent instead when OpenAI keeps no
 * responses, when the model changed (another model can't read its reasoning), or when the response turns out to be gone;
 * and without reasoning when that is refused.
 */
export async function chainedTurn(turn: ResponsesTurn): Promise<Answered> {
  const { request, log } = turn;
  for (let way = firstWay(turn); ;) {
    try {
      return await sendBy(turn, way);
    } catch (error) {
      const next = nextWay(turn, way, error);
      if (!next) throw error;
      log.warn(
        { runId: request.runId, turn: request.turn, from: way.by },
        "OpenAI can't go on from what it keeps; sending the saved transcript.",
      );
      way = next;
    }
  }
}

async function sendBy(turn: ResponsesTurn, way: Way): Promise<Answered> {
  if (way.by === 'start') return { response: await sendTurn(turn, turn.sent, null, {}) };
  const plainUpTo = way.by === 'replay' ? way.plainUpTo : (turn.state?.plainUpTo ?? null);
  const kept = plainUpTo === null ? {} : { plainUpTo };
  if (way.by === 'previous response') {
    return { response: await sendTurn(turn, turn.sent, { previous_response_id: way.responseId }, kept), ...kept };
  }
  const earlier = replayItems(await savedTranscript(turn), plainUpTo);
  return { response: await sendTurn(turn, [...earlier, ...turn.sent], null, kept), ...kept };
}

function firstWay({ request, state }: ResponsesTurn): Way {
  const { conversation, assistant, resumeFrom } = request;
  if (conversation === null || state === null) return { by: 'start' };
  const plainUpTo = textIn(resumeFrom, 'plainUpTo') ?? state.plainUpTo ?? null;
  if (state.model !== assistant.model) return { by: 'replay', plainUpTo: conversation.entry };
  if (assistant.store && state.store && state.responseId !== null && state.conversationId === undefined) {
    return { by: 'previous response', responseId: state.responseId };
  }
  return { by: 'replay', plainUpTo };
}

function nextWay({ request, state }: ResponsesTurn, way: Way, error: unknown): Way | undefined {
  const entry = request.conversation?.entry;
  if (entry === undefined) return undefined;
  if (way.by === 'previous response' && (isPreviousResponseGone(error, way.responseId) || isPairingRefused(error))) {
    return { by: 'replay', plainUpTo: state?.plainUpTo ?? null };
  }
  if (way.by === 'replay' && way.plainUpTo !== entry && isReplayRefused(error))
    return { by: 'replay', plainUpTo: entry };
  return undefined;
}
