import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { listPage } from '../list-page.ts';
import { badRequest } from '../openai-error.ts';
import { parseBody } from '../parse-body.ts';
import type { StandInEnv } from '../stand-in-context.ts';
import type { ResponseCreator } from './create-response.ts';
import { createResponseSchema } from './request-schema.ts';
import type { ResponseStore } from './response-store.ts';
import { streamEvents } from './stream-events.ts';

/** The routes under `/v1/responses`. */
export function responsesRoutes(creator: ResponseCreator, responses: ResponseStore): Hono<StandInEnv> {
  const routes = new Hono<StandInEnv>();

  routes.post('/', async (context) => {
    const faults = context.get('faults');
    const request = await parseBody(context, createResponseSchema);
    const response = await creator.create(request, faults);
    await faults.pause('after');
    if (request.stream !== true) return context.json(response);
    const cut = faults.take('cut_stream');
    return streamSSE(context, async (stream) => {
      for (const event of streamEvents(response)) {
        if (cut !== undefined && event.sequence_number >= cut.afterEvents) {
          context.env.incoming?.socket.destroy();
          return;
        }
        await stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
      }
    });
  });

  routes.get('/:id', (context) => {
    if (context.req.query('stream') === 'true')
      throw badRequest('The stand-in does not stream stored responses. Retrieve it without stream.', 'stream');
    return context.json(responses.poll(context.req.param('id')));
  });

  routes.delete('/:id', (context) => {
    const id = context.req.param('id');
    responses.delete(id);
    return context.json({ id, object: 'response', deleted: true });
  });

  routes.post('/:id/cancel', (context) => context.json(responses.cancel(context.req.param('id'))));

  routes.get('/:id/input_items', (context) =>
    context.json(listPage(responses.inputItems(context.req.param('id')), context.req.query())),
  );

  return routes;
}
