import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@holdpoint/json';

export type OddModelServer = { url: string; bodies: JsonObject[]; close(): Promise<void> };
export type OddAnswer = (request: OddRequest) => Response | Promise<Response>;
export type OddRequest = {
  context: Context;
  body: JsonObject;
  /** The texts of the outputs in the input, oldest first. */
  outputs: string[];
  /** A response object with these items. Echoes the id of the continued response, as OpenAI does. */
  response: (...output: JsonObject[]) => JsonObject;
  /** The same as an answer: streamed where the request asks for it. */
  reply: (...output: JsonObject[]) => Response;
};

export const message = (text: string): JsonObject => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
});
export const call = (args: string | JsonObject = { order: 'A-17' }, fields: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  call_id: 'call_1',
  name: 'refund',
  arguments: typeof args === 'string' ? args : JSON.stringify(args),
  ...fields,
});
/** An answer as a stream of events. */
export const events = (...list: Array<JsonObject | string>) =>
  new Response(list.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join(''), {
    headers: { 'content-type': 'text/event-stream' },
  });

/** A compatible server that answers `POST /responses` in its own way, and keeps the bodies that it got. */
export async function startOddModelServer(answer: OddAnswer): Promise<OddModelServer> {
  const bodies: JsonObject[] = [];
  let answers = 0;
  const app = new Hono().post('/v1/responses', async (context) => {
    const body = await context.req.json<JsonObject>();
    bodies.push(body);
    const outputs = (body['input'] as JsonObject[]).flatMap(({ type, output }) =>
      type === 'function_call_output' && typeof output === 'string' ? [output] : [],
    );
    const response = (...output: JsonObject[]): JsonObject => ({
      id: `resp_${++answers}`,
      status: 'completed',
      output,
      previous_response_id: body['previous_response_id'] ?? null,
    });
    const reply = (...output: JsonObject[]) =>
      body['stream'] === true
        ? events(...output.map((item): JsonObject => ({ type: 'response.output_item.done', item })), {
            type: 'response.completed',
            response: response(...output),
          })
        : context.json(response(...output));
    return await answer({ context, body, outputs, response, reply });
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    bodies,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
