import type { OpenAI } from 'openai';
import type { ModelSurface, TurnReply, TurnRequest } from '../../../activities/ports.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { assistantsState, runIntervals } from './assistants-turn.ts';
import type { AssistantsTurn } from './assistants-turn.ts';
import type { Thread } from './fresh-run.ts';
import { keepTurn } from './keep-turn.ts';
import { KnownAssistants } from './known-assistants.ts';
import { assistantsRetired, isGone, whatIsGone } from './refusals.ts';
import { threadTurn } from './thread-turn.ts';
import type { Taken } from './thread-turn.ts';
import { checkKey } from '../check-key.ts';
import { describeError } from '../described-error.ts';
import { readWithout } from '../refused-settings.ts';
import { createOpenAIClient } from '../openai-client.ts';
import type { ResponsesSurfaceOptions } from '../responses/responses-surface.ts';
import { textIn } from '../responses/responses-turn.ts';
import type { SurfaceLog } from '../surface-log.ts';
import { toModelFailure } from '../to-model-failure.ts';

/** The same as for the Responses API; `pollIntervals` is how often runs are looked at: after 0.25 s, doubling up to 5 s. */
export type AssistantsSurfaceOptions = ResponsesSurfaceOptions;

const silent: SurfaceLog = { info: () => undefined, warn: () => undefined };

/**
 * Reaches a model by the Assistants API: threads, runs, `requires_action`, `submit_tool_outputs`. OpenAI ended it on
 * 2026-08-26; compatible servers still speak it. A run lives ten minutes: what is decided later is carried into the
 * thread as a message, a new run starts, and a call that the model repeats in it is answered from what it was told.
 */
export function createAssistantsSurface(options: AssistantsSurfaceOptions): ModelSurface {
  let made: { client: OpenAI; assistants: KnownAssistants } | undefined;
  const { apiKey, transcripts, log = silent, now = Date.now, pollIntervals: intervals = runIntervals } = options;

  return {
    takeTurn: async (request: TurnRequest): Promise<TurnReply> => {
      checkKey(apiKey);
      // Made when first needed: without a key it can't be, and a worker that waits for one must not die of it.
      if (!made) {
        const client = createOpenAIClient(options);
        made = { client, assistants: new KnownAssistants(client) };
      }
      const state = assistantsState(request.conversation);
      const turn: AssistantsTurn = {
        ...made,
        apiKey,
        transcripts,
        log,
        now,
        intervals,
        request,
        state,
        without: readWithout(state?.without),
      };
      try {
        return await keepTurn(turn, await take(turn));
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        throw toModelFailure(error, { apiKey, model: request.assistant.model, now });
      }
    },
  };
}

/** Takes the turn in the conversation's thread. Where that is gone and was the run's own, in a new one that is told the old. */
async function take(turn: AssistantsTurn): Promise<Taken> {
  const { request, log, client, assistants } = turn;
  const { assistant } = request;
  let thread: Thread | null = null;
  for (let mended = 0; ; mended += 1) {
    try {
      thread ??= await findThread(turn);
      return await threadTurn(turn, thread);
    } catch (error) {
      if (!isGone(error)) throw error;
      const gone = await whatIsGone(client, thread?.id ?? null, request.signal);
      if (gone === 'api') throw assistantsRetired(assistant.name);
      const said = describeError(error)?.text ?? '';
      if (gone === 'thread' && thread?.given)
        throw new ModelFailure(
          'ModelRequestRefused',
          `The thread ${thread.id} is not there, or no longer. Start a new run in another thread: the assistant's option thread says in which.`,
        );
      if (gone === 'other' && assistant.assistantId)
        throw new ModelFailure(
          'ModelRetired',
          `The assistant ${assistant.assistantId} is not there. Check assistantId in "${assistant.name}", restart the worker, then retry the run. OpenAI answered: ${said}`,
        );
      if (mended > 0)
        throw new ModelFailure(
          'ModelUnavailable',
          `What was made anew at OpenAI is gone again. OpenAI answered: ${said}`,
        );
      log.warn(
        { runId: request.runId, turn: request.turn, gone },
        'The thread or the assistant at OpenAI is gone; making another.',
      );
      if (gone === 'thread') thread = await createThread(turn, request.conversation !== null);
      else assistants.forget({ ...assistant, strict: turn.without.has('strict') ? null : assistant.strict });
    }
  }
}

async function findThread(turn: AssistantsTurn): Promise<Thread> {
  const { request, state } = turn;
  const noted = textIn(request.resumeFrom, 'threadId');
  if (noted !== undefined)
    return {
      id: noted,
      fresh: false,
      rebuilt: request.resumeFrom?.['rebuilt'] === true,
      given: request.resumeFrom?.['given'] === true,
    };
  if (state) return { id: state.threadId, fresh: false, rebuilt: false, given: state.given };
  const given = await givenThread(request);
  return given === null ? await createThread(turn, false) : { id: given, fresh: false, rebuilt: false, given: true };
}

/** The thread that the assistant's option `thread` names for this run. */
async function givenThread({ assistant: { name, thread }, runId, context }: TurnRequest): Promise<string | null> {
  if (typeof thread !== 'function') return thread;
  const found: unknown = await thread({ runId, assistant: name, context: context as never });
  if (found === null || (typeof found === 'string' && found !== '')) return found;
  throw new ModelFailure(
    'ModelRequestRefused',
    `thread of the assistant "${name}" must give the id of a thread, or null for a new one. It gave ${typeof found === 'string' ? 'an empty text' : typeof found}.`,
  );
}

/** An empty thread that a lost reply leaves behind costs nothing. */
async function createThread({ client, request }: AssistantsTurn, rebuilt: boolean): Promise<Thread> {
  const { id } = await client.beta.threads.create(
    { metadata: { holdpoint_run: request.runId.slice(0, 512), holdpoint_first_run: request.firstRunId } },
    { signal: request.signal },
  );
  await request.checkpoint({ threadId: id, rebuilt });
  return { id, fresh: true, rebuilt, given: false };
}
