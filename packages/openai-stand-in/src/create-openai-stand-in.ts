import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createAssistantsAPI } from './assistants/assistants-api.ts';
import { MovableClock, type Clock } from './clock.ts';
import { controlRoutes } from './control-routes.ts';
import { createControl, type StandInControl } from './control.ts';
import { conversationsRoutes } from './conversations/conversations-routes.ts';
import { ConversationStore } from './conversations/conversation-store.ts';
import { errorAnswer } from './faults/error-answer.ts';
import { FaultBook, RequestFaults } from './faults/fault-book.ts';
import { newId } from './ids.ts';
import { ConnectionDropped, meetFaults } from './meet-faults.ts';
import { modelsRoutes } from './models-routes.ts';
import { incorrectApiKey, OpenAIError } from './openai-error.ts';
import { RequestLog } from './request-log.ts';
import { ResponseCreator } from './responses/create-response.ts';
import { ResponseStore, type BackgroundPace } from './responses/response-store.ts';
import { responsesRoutes } from './responses/responses-routes.ts';
import type { Script } from './scripts/script.ts';
import { ScriptBook } from './scripts/script-book.ts';
import type { StandInEnv } from './stand-in-context.ts';

/** Receives one line per answered request, without its content. */
export type StandInLog = (line: {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly requestId: string;
}) => void;

export interface StandInOptions {
  /** Requests with another key get OpenAI's 401. @default any key or none is accepted */
  readonly apiKey?: string;
  /** @default the system clock */
  readonly clock?: Clock;
  /** Scripts before the built-in ones. The first one that answers wins. @default [] */
  readonly scripts?: readonly Script[];
  /** Progress of background responses and assistants' runs. @default finished at the second poll or after 2,000 ms */
  readonly background?: Partial<BackgroundPace>;
  readonly log?: StandInLog;
}

const known = ['apiKey', 'clock', 'scripts', 'background', 'log'];

/** Size limit of a request body, in bytes. */
const LARGEST_BODY = 20 * 1024 * 1024;

function bearerOf(context: Context): string | undefined {
  return /^Bearer\s+(.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
}

/** Creates an OpenAI server for tests and development as a Hono app. `startOpenAIStandIn` serves it. */
export function createOpenAIStandIn(options: StandInOptions = {}): {
  readonly app: Hono<StandInEnv>;
  readonly control: StandInControl;
} {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`The stand-in has no option "${unknown}". Options: port, host, ${known.join(', ')}.`);
  const { apiKey, clock: base = Date, scripts: given = [], background = {}, log: writeLine } = options;
  const clock = new MovableClock(base);
  const conversations = new ConversationStore(clock);
  const pace: BackgroundPace = { pollsUntilFinished: 2, milliseconds: 2_000, ...background };
  const responses = new ResponseStore(clock, conversations, pace);
  const scripts = new ScriptBook(given);
  const retiredModels = new Set<string>();
  const faults = new FaultBook();
  const log = new RequestLog();
  const creator = new ResponseCreator({ clock, responses, conversations, scripts, retiredModels });
  const assistants = createAssistantsAPI({ clock, pace, scripts, retiredModels });
  const control = createControl({ clock, faults, scripts, log, responses, retiredModels, assistants });

  function checkKey(context: Context): void {
    const key = bearerOf(context);
    if (apiKey !== undefined && key !== apiKey) throw incorrectApiKey(key);
  }

  const app = new Hono<StandInEnv>();
  app.onError((error, context) => {
    if (error instanceof ConnectionDropped) throw error;
    const shape = context.get('faults')?.take('error_shape')?.shape;
    if (error instanceof OpenAIError) return errorAnswer(error.status, error.body, error.headers, shape);
    return errorAnswer(
      500,
      { message: `The stand-in failed: ${error.message}`, type: 'server_error', param: null, code: null },
      {},
      shape,
    );
  });
  app.notFound((context) =>
    errorAnswer(404, {
      message: `Invalid URL (${context.req.method} ${context.req.path})`,
      type: 'invalid_request_error',
      param: null,
      code: null,
    }),
  );
  app.get('/healthz', (context) => context.json({ status: 'ok' }));

  const tooLarge = () =>
    errorAnswer(413, {
      message: `The request body is larger than ${LARGEST_BODY} bytes.`,
      type: 'invalid_request_error',
      param: null,
      code: 'request_too_large',
    });
  app.use('/v1/*', bodyLimit({ maxSize: LARGEST_BODY, onError: tooLarge }), async (context, next) => {
    const requestId = newId('req');
    const url = new URL(context.req.url);
    const { method } = context.req;
    context.set('faults', new RequestFaults());
    const logged = log.add({
      id: requestId,
      at: new Date(clock.now()).toISOString(),
      method,
      path: url.pathname + url.search,
      headers: context.req.raw.headers,
      text: await context.req.text(),
    });
    const started = clock.now();
    await next();
    logged.status = context.res.status;
    logged.faults = context.get('faults').taken;
    writeLine?.({ method, path: url.pathname, status: logged.status, requestId });
    if (logged.faults.includes('drop') || logged.faults.includes('drop_after_commit')) return;
    context.header('x-request-id', requestId);
    context.header('openai-version', '2020-10-01');
    context.header('openai-processing-ms', String(clock.now() - started));
  });
  app.use('/v1/*', async (context, next) => {
    checkKey(context);
    await next();
  });
  app.use(
    '/v1/*',
    meetFaults(faults, (path, body) => [...assistants.peekThread(path), ...creator.peekHistory(body)]),
  );
  app.route('/v1/responses', responsesRoutes(creator, responses));
  app.route('/v1/conversations', conversationsRoutes(conversations));
  app.route('/v1/models', modelsRoutes(retiredModels));
  app.route('/v1', assistants.routes);

  app.use('/__stand-in/*', async (context, next) => {
    checkKey(context);
    await next();
  });
  app.route('/__stand-in', controlRoutes(control, faults));
  return { app, control };
}
