import { Hono, type MiddlewareHandler } from 'hono';
import { parseBody } from '../parse-body.ts';
import type { StandInEnv } from '../stand-in-context.ts';
import type { AssistantStore } from './assistant-store.ts';
import { betaHeaderMissing, retired } from './assistants-errors.ts';
import { createAssistantSchema, updateAssistantSchema } from './assistants-schema.ts';
import { pageOf } from './page-of.ts';

/** Middleware of every Assistants route: checks for retirement and the beta header, and plays waiting faults. */
export function assistantsGate(isRetired: () => boolean): MiddlewareHandler<StandInEnv> {
  return async (context, next) => {
    if (isRetired()) throw retired(context.req.method, context.req.path);
    if (context.req.header('openai-beta') !== 'assistants=v2') throw betaHeaderMissing();
    const faults = context.get('faults');
    await faults.pause('during');
    await next();
    await faults.pause('after');
  };
}

/** The routes under `/v1/assistants`. */
export function assistantsRoutes(assistants: AssistantStore): Hono<StandInEnv> {
  const routes = new Hono<StandInEnv>();
  routes.post('/', async (context) => context.json(assistants.create(await parseBody(context, createAssistantSchema))));
  routes.get('/', (context) => context.json(pageOf(assistants.list(), context.req.query())));
  routes.get('/:id', (context) => context.json(assistants.get(context.req.param('id'))));
  routes.post('/:id', async (context) =>
    context.json(assistants.update(context.req.param('id'), await parseBody(context, updateAssistantSchema))),
  );
  routes.delete('/:id', (context) => {
    const id = context.req.param('id');
    assistants.delete(id);
    return context.json({ id, object: 'assistant.deleted', deleted: true });
  });
  return routes;
}
