import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { assistantListSchema, assistantSchema, changeAssistantSchema } from '../contract/review-admin.ts';
import { addRoute } from '../openapi/add-route.ts';
import { changeAssistant, listAssistants, readAssistant, type DefaultLimits } from '../store/assistant-settings.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Assistants: their limits and the kill switch. */
export function assistantRoutes(store: ReviewStore, defaults: DefaultLimits): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  const tag = 'assistants';
  const read = async (name: string) => (await readAssistant(store, name, defaults)) ?? notFound(name);

  addRoute(
    routes,
    { method: 'get', path: '/assistants', tag, summary: 'List assistants', answer: assistantListSchema },
    async (c) => {
      adminOrAuditor(c);
      return c.json({ assistants: await listAssistants(store, defaults) });
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/assistants/{name}',
      tag,
      summary: 'Read one assistant',
      answer: assistantSchema,
      errors: [404],
    },
    async (c) => {
      adminOrAuditor(c);
      return c.json(await read(c.req.param('name')));
    },
  );
  addRoute(
    routes,
    {
      method: 'put',
      path: '/assistants/{name}',
      tag,
      summary: 'Set limits, pause or resume an assistant',
      body: changeAssistantSchema,
      answer: assistantSchema,
      errors: [404],
    },
    async (c) => {
      const person = admin(c);
      const { parsed } = await readBody(c, changeAssistantSchema);
      const name = c.req.param('name');
      if (!(await changeAssistant(store, name, parsed, person.name))) notFound(name);
      return c.json(await read(name));
    },
  );
  return routes;
}

function notFound(name: string): never {
  throw new HTTPException(404, {
    message: `There is no assistant "${name.slice(0, 100)}". Creating its first Connection Key creates the assistant.`,
  });
}
