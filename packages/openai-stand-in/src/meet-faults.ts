import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, MiddlewareHandler } from 'hono';
import { faultAnswer } from './faults/error-answer.ts';
import type { FaultBook } from './faults/fault-book.ts';
import { latestUserText, type Item } from './item.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from './json-value.ts';
import type { StandInEnv } from './stand-in-context.ts';

/** Thrown instead of closing a connection if the app is called without a network. */
export class ConnectionDropped extends Error {
  constructor() {
    super('The stand-in dropped the connection on demand.');
  }
}

/** The items of a request on either API: its input, or its one message. */
function itemsOf({ input, content }: JsonObject): readonly Item[] {
  if (typeof content === 'string') return [{ type: 'message', role: 'user', content }];
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return Array.isArray(input) ? input.filter(isJsonObject).map((item): Item => ({ type: 'message', ...item })) : [];
}

function dropConnection(context: Context<StandInEnv>): Response {
  if (context.env?.incoming === undefined) throw new ConnectionDropped();
  context.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** Middleware that plays the faults around processing, and passes the remaining ones to the route. */
export function meetFaults(
  book: FaultBook,
  peekHistory: (path: string, body: JsonObject) => readonly Item[],
): MiddlewareHandler<StandInEnv> {
  return async (context, next) => {
    const body = parseJsonObject(await context.req.text()) ?? {};
    const input = itemsOf(body);
    const faults = book.meet({
      method: context.req.method,
      path: context.req.path,
      text: latestUserText([...peekHistory(context.req.path, body), ...input]),
      hasOutputs:
        Array.isArray(body['tool_outputs']) ||
        input.some(({ type }) => type.endsWith('_output') || type === 'mcp_approval_response'),
    });
    context.set('faults', faults);
    await faults.pause('before');
    if (faults.take('drop') !== undefined) return dropConnection(context);
    const answer = faults.takeAnswer();
    if (answer !== undefined) return faultAnswer(answer, typeof body['model'] === 'string' ? body['model'] : 'unknown');
    await next();
    if (faults.take('drop_after_commit') !== undefined) context.res = dropConnection(context);
    return undefined;
  };
}
