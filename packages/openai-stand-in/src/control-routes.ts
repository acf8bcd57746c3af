import { Hono } from 'hono';
import { z } from 'zod';
import type { StandInControl } from './control.ts';
import { faultSchema } from './faults/fault.ts';
import type { FaultBook } from './faults/fault-book.ts';
import { parseBody } from './parse-body.ts';
import { scriptedStepsSchema } from './scripts/script.ts';
import type { StandInEnv } from './stand-in-context.ts';

/** The routes under `/__stand-in`: `control`, for tests in other processes. */
export function controlRoutes(control: StandInControl, faults: FaultBook): Hono<StandInEnv> {
  const routes = new Hono<StandInEnv>();

  routes.post('/faults', async (context) => {
    await parseBody(context, faultSchema);
    const { id } = control.fault(await context.req.json());
    return context.json({ id }, 201);
  });
  routes.get('/faults', (context) => context.json({ data: control.faults() }));
  routes.delete('/faults', (context) => {
    faults.clear();
    return context.body(null, 204);
  });
  routes.delete('/faults/:id', (context) => context.body(null, faults.remove(context.req.param('id')) ? 204 : 404));

  routes.post('/scripts', async (context) => {
    await parseBody(context, scriptedStepsSchema);
    control.script(await context.req.json());
    return context.body(null, 204);
  });
  routes.delete('/scripts', (context) => {
    control.clearScripts();
    return context.body(null, 204);
  });

  routes.post('/retired-models', async (context) => {
    const { model } = await parseBody(context, z.strictObject({ model: z.string().min(1) }));
    control.retireModel(model);
    return context.body(null, 204);
  });
  routes.post('/retired-assistants', (context) => {
    control.retireAssistants();
    return context.body(null, 204);
  });
  routes.get('/assistant-runs', (context) => context.json({ data: control.assistantRuns() }));
  routes.post('/clock', async (context) => {
    const { advanceMilliseconds } = await parseBody(
      context,
      z.strictObject({ advanceMilliseconds: z.number().min(0) }),
    );
    control.advanceClock(advanceMilliseconds);
    return context.body(null, 204);
  });
  routes.post('/reset', (context) => {
    control.reset();
    return context.body(null, 204);
  });
  routes.get('/requests', (context) => context.json({ data: control.requests() }));
  routes.get('/responses', (context) => context.json({ data: control.responses() }));

  return routes;
}
