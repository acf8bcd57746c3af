import type { OpenAI } from 'openai';
import type { AsideRequest, ModelSurface, TurnReply, TurnRequest } from '../../../activities/ports.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { asideOfThread } from './aside-of-thread.ts';
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
import { withLongestSilence } from '../longest-silence.ts';
import { createOpenAIClient, longestSilenceMs } from '../openai-client.ts';
import { noHints } from '../responses/response-hints.ts';
import type { ResponsesSurfaceOptions } from '../responses/responses-surface.ts';
import { textIn } from '../responses/responses-turn.ts';
import type { SurfaceLog } from '../surface-log.ts';
import { toModelFailure } from '../to-model-failure.ts';

/** The same as for the Responses API, except that `pollIntervals` defaults to 0.25 s, doubled up to 5 s. */
export type AssistantsSurfaceOptions = ResponsesSurfaceOptions;

const silent: SurfaceLog = { info: () => undefined, warn: () => undefined };

/**
 * Creates a model surface for the Assistants API: threads, runs, `requires_action`, `submit_tool_outputs`. OpenAI ended
 * it on 2026-08-26, and compatible servers still offer it. A run lives ten minutes. Later outcomes are added to the
 * thread as a message, and a new run starts. If the model repeats such a call, it gets the carried outcome.
 */
export function createAssistantsSurface(options: AssistantsSurfaceOptions): ModelSurface {
  let made: { client: OpenAI; assistants: KnownAssistants } | undefined;
  const { apiKey, transcripts, log = silent, now = Date.now, pollIntervals: intervals = runIntervals } = options;

  /** Created on first use. A worker without an API key starts, and its turns fail with `ModelAccessDenied`. */
  const connected = () => {
    checkKey(apiKey);
    if (made) return made;
    const { fetch = globalThis.fetch } = options;
    // Its answers are short: the model works between two of them.
    const client = createOpenAIClient({ ...options, fetch: withLongestSilence(fetch, longestSilenceMs(options)) });
    return (made = { client, assistants: new KnownAssistants(client) });
  };
  // A question waits for the model as a turn of the Responses API does.
  let aside: OpenAI | undefined;

  return {
    answerAside: async (request: AsideRequest): Promise<string> => {
      checkKey(apiKey);
      const client = (aside ??= createOpenAIClient(options));
      const silenceMs = longestSilenceMs(options);
      const parts = { client, apiKey, transcripts, log, now, intervals, hints: noHints, silenceMs };
      try {
        return await asideOfThread(parts, request);
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        throw toModelFailure(error, { apiKey, model: request.assistant.model, now });
      }
    },
    takeTurn: async (request: TurnRequest): Promise<TurnReply> => {
      const state = assistantsState(request.conversation);
      const turn: AssistantsTurn = {
        ...connected(),
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

/**
 * Takes the turn in the conversation's thread. If the run created it and it is deleted, a new one retells its content.
 */
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
          `The thread ${thread.id} does not exist. Name another one in the assistant's option thread and start a new run.`,
        );
      if (gone === 'other' && assistant.assistantId)
        throw new ModelFailure(
          'ModelRetired',
          `The assistant ${assistant.assistantId} does not exist. Check assistantId in "${assistant.name}", restart the worker, then retry the run. OpenAI answered: ${said}`,
        );
      if (mended > 0)
        throw new ModelFailure(
          'ModelUnavailable',
          `The thread or assistant was created again at OpenAI, and it is already missing. OpenAI answered: ${said}`,
        );
      log.warn(
        { runId: request.runId, turn: request.turn, gone },
        'The thread or the assistant at OpenAI is missing. Creating another.',
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
  const found: unknown = await ownCode(`thread of the assistant "${name}"`, () =>
    thread({ runId, assistant: name, context: context as never }),
  );
  if (found === null || (typeof found === 'string' && found !== '')) return found;
  throw new ModelFailure(
    'ModelRequestRefused',
    `thread of the assistant "${name}" must return the id of a thread, or null for a new one. It returned ${typeof found === 'string' ? 'an empty text' : typeof found}.`,
  );
}

/** Runs the user's function. Its errors say so: an error of another kind may come from reading OpenAI's answer. */
async function ownCode<Value>(subject: string, work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${subject} threw: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Creates a thread. If its reply is lost, an empty thread stays behind, which does no harm. */
async function createThread({ client, request }: AssistantsTurn, rebuilt: boolean): Promise<Thread> {
  const { id } = await client.beta.threads.create(
    { metadata: { holdpoint_run: request.runId.slice(0, 512), holdpoint_first_run: request.firstRunId } },
    { signal: request.signal },
  );
  await request.checkpoint({ threadId: id, rebuilt });
  return { id, fresh: true, rebuilt, given: false };
}
