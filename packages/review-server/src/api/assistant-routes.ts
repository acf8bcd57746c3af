import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { changeAssistantSchema } from '../contract/review-admin.ts';
import { changeAssistant, listAssistants, readAssistant, type DefaultLimits } from '../store/assistant-settings.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Assistants: limits, and the kill switch. */
export function assistantRoutes(store: ReviewStore, defaults: DefaultLimits): Hono<ReviewerVariables> {
  const routes = new Hono<ReviewerVariables>();
  const read = async (name: string) => (await readAssistant(store, name, defaults)) ?? notFound(name);
  routes.get('/', async (c) => {
    adminOrAuditor(c);
    return c.json({ assistants: await listAssistants(store, defaults) });
  });
  routes.get('/:name', async (c) => {
    adminOrAuditor(c);
    return c.json(await read(c.req.param('name')));
  });
  routes.put('/:name', async (c) => {
    const person = admin(c);
    const { parsed } = await readBody(c, changeAssistantSchema);
    const name = c.req.param('name');
    if (!(await changeAssistant(store, name, parsed, person.name))) notFound(name);
    return c.json(await read(name));
  });
  return routes;
}

function notFound(name: string): never {
  throw new HTTPException(404, {
    message: `There is no assistant "${name.slice(0, 100)}". One comes to be with its first Connection Key.`,
  });
}
