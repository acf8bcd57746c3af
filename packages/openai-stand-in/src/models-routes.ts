import { Hono } from 'hono';
import { modelNotFound } from './openai-error.ts';
import type { StandInEnv } from './stand-in-context.ts';

const listedModels = ['gpt-5', 'gpt-5-mini', 'gpt-5-nano', 'gpt-4.1', 'gpt-4.1-mini', 'gpt-4o', 'o3', 'o4-mini'];
/** 2025-08-07, an arbitrary fixed day. */
const createdSeconds = 1_754_524_800;

function toWire(id: string): object {
  return { id, object: 'model', created: createdSeconds, owned_by: 'openai', shutdown_date: null };
}

/** The routes under `/v1/models`. Any name is a model until it is retired. */
export function modelsRoutes(retired: ReadonlySet<string>): Hono<StandInEnv> {
  const routes = new Hono<StandInEnv>();
  routes.get('/', (context) =>
    context.json({ object: 'list', data: listedModels.filter((id) => !retired.has(id)).map(toWire) }),
  );
  routes.get('/:model', (context) => {
    const model = context.req.param('model');
    if (retired.has(model)) throw modelNotFound(model);
    return context.json(toWire(model));
  });
  return routes;
}
