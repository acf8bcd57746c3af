import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { DamagedConversation, itemsAfterSent, newestItem } from './conversation-items.ts';
import { describeError, isConversationGone, isPairingRefused } from '../described-error.ts';
import { replayItems } from './replay-items.ts';
import { textField } from './response-object.ts';
import type { Item, ResponseObject } from './response-object.ts';
import { savedTranscript, textIn } from './responses-turn.ts';
import type { Answered, ResponsesTurn } from './responses-turn.ts';
import { sendTurn } from './send-turn.ts';

/** A conversation at OpenAI and its state in one attempt. */
type Place = {
  id: string;
  /** It contains nothing of this run yet, so the saved transcript is sent first. */
  seed: boolean;
  /** Created or first used by this attempt, so it contains nothing of this turn. */
  fresh: boolean;
  /** The newest item before this turn, if a checkpoint stores it. */
  after: string | null;
};

/**
 * Takes a turn in a conversation at OpenAI. Only the new items are sent, each once. If the run created the conversation
 * and it is deleted or damaged, a new one starts with the saved transcript. If the user gave it, the turn fails.
 */
export async function conversationTurn(turn: ResponsesTurn): Promise<Answered> {
  const { request, log } = turn;
  const { conversation } = request.assistant;
  const place = await findPlace(turn);
  try {
    return await takeTurnAt(turn, place);
  } catch (error) {
    if (!(error instanceof DamagedConversation || isConversationGone(error) || isPairingRefused(error))) throw error;
    if (conversation !== 'run') {
      throw isPairingRefused(error)
        ? error
        : new ModelFailure(
            'ModelRequestRefused',
            `The conversation ${place.id} does not exist, or another client changed its end. Give the assistant another conversation id.`,
          );
    }
    log.warn(
      { runId: request.runId, turn: request.turn },
      "The run's conversation at OpenAI can't be continued. Starting a new one from the saved transcript.",
    );
    return await takeTurnAt(turn, await createPlace(turn));
  }
}

async function takeTurnAt(turn: ResponsesTurn, place: Place): Promise<Answered> {
  const { client, request, sent } = turn;
  const conversationId = place.id;
  const note: JsonObject = { conversationId, seed: place.seed, after: place.after };
  const appended = place.fresh
    ? undefined
    : await itemsAfterSent({
        client,
        conversationId,
        sent,
        before: await itemsBefore(turn, place),
        signal: request.signal,
      });
  if (appended && appended.length > 0) return { response: recovered(appended), conversationId };
  const earlier = place.seed ? replayItems(await savedTranscript(turn), request.conversation?.entry ?? null) : [];
  const response = await sendTurn(turn, appended ? [] : [...earlier, ...sent], { conversation: conversationId }, note);
  const isElsewhere = response.conversationId !== undefined && response.conversationId !== conversationId;
  if (response.status === 'completed' && isElsewhere) throw ignoresConversation(turn);
  return { response, conversationId };
}

/** The model answered outside the conversation, so it saw the new items without the earlier ones. */
function ignoresConversation({ request }: ResponsesTurn): ModelFailure {
  return new ModelFailure(
    'ModelRequestRefused',
    `The server accepts \`conversation\` and ignores it. Remove the option conversation from the assistant "${request.assistant.name}", restart the worker, then retry the run. It continues from its saved transcript.`,
  );
}

async function findPlace(turn: ResponsesTurn): Promise<Place> {
  const { client, request, state } = turn;
  const { assistant, conversation, resumeFrom } = request;
  const given = assistant.conversation === 'run' ? undefined : assistant.conversation?.id;
  const noted = textIn(resumeFrom, 'conversationId');
  if (noted !== undefined && (given === undefined || given === noted)) {
    return { id: noted, seed: resumeFrom?.['seed'] === true, fresh: false, after: textIn(resumeFrom, 'after') ?? null };
  }
  // Another run may have continued the same conversation and added the same items.
  const continues = request.turn === 1;
  if (state?.conversationId !== undefined && !continues && (given === undefined || given === state.conversationId)) {
    return { id: state.conversationId, seed: false, fresh: false, after: null };
  }
  if (given === undefined) return await createPlace(turn);
  const after = await newestItem(client, given, request.signal).catch((error: unknown) => {
    throw isConversationGone(error)
      ? new ModelFailure(
          'ModelRequestRefused',
          `The conversation ${given} does not exist. Check the assistant's conversation id.`,
        )
      : error;
  });
  const seed = conversation !== null && given !== state?.conversationId;
  await request.checkpoint({ conversationId: given, seed, after });
  return { id: given, seed, fresh: true, after };
}

async function createPlace({ client, request }: ResponsesTurn): Promise<Place> {
  const { id } = await client.conversations
    .create({ metadata: { holdpoint_run: request.runId.slice(0, 512) } }, { signal: request.signal })
    .catch((error: unknown) => {
      throw hasNoConversations(error)
        ? new ModelFailure(
            'ModelRequestRefused',
            `The server has no conversations. Remove the option conversation from the assistant "${request.assistant.name}", restart the worker, then retry the run.`,
          )
        : error;
    });
  const seed = request.conversation !== null;
  await request.checkpoint({ conversationId: id, seed, after: null });
  return { id, seed, fresh: true, after: null };
}

function hasNoConversations(error: unknown): boolean {
  return [404, 405, 501].includes(describeError(error)?.status ?? 0);
}

async function itemsBefore({ transcripts, request }: ResponsesTurn, place: Place): Promise<Set<string>> {
  if (place.after !== null) return new Set([place.after]);
  const entry = request.conversation?.entry;
  if (place.seed || entry === undefined) return new Set();
  const received = ((await transcripts.get(entry))?.received ?? []) as Item[];
  return new Set(received.flatMap(({ id }) => (typeof id === 'string' ? [id] : [])));
}

/** Makes a response of the items of a lost reply. Its status is unknown, so every item must be marked complete. */
function recovered(items: Item[]): ResponseObject {
  const half = items.some((item) =>
    item.type === 'function_call'
      ? item['status'] !== 'completed'
      : ['incomplete', 'in_progress'].includes(textField(item, 'status')),
  );
  if (half) throw new DamagedConversation();
  return {
    id: null,
    status: 'completed',
    output: items,
    error: null,
    incompleteReason: null,
    inputTransformations: 0,
    previousResponseId: null,
    owesOutput: false,
    model: null,
    usage: null,
  };
}
