import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import {
  deputyListSchema,
  deputySchema,
  nameDeputySchema,
  timesListSchema,
  timesSchema,
  type Deputy,
  type Times,
} from '../contract/times.ts';
import { addRoute } from '../openapi/add-route.ts';
import { endDeputy, listDeputies, nameDeputy, type DeputyResult } from '../store/deputies.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { listTimes, setTimes } from '../store/times.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { readBody } from './read-body.ts';
import { signedIn, withRole, type ReviewerVariables } from './reviewer-session.ts';

/** Due times, reminders and escalations by group. */
export function timesRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  const tag = 'groups';
  const { reads } = store.database;
  const set = async (owner: string, times: Times | null, by: string) => {
    if ((await setTimes(store, owner, times, by)) === 'not-found')
      throw new HTTPException(404, { message: 'There is no such group.' });
  };
  addRoute(
    routes,
    { method: 'get', path: '/times', tag, summary: 'List due times and escalations by group', answer: timesListSchema },
    async (c) => {
      adminOrAuditor(c);
      return c.json(await listTimes(reads));
    },
  );
  addRoute(
    routes,
    {
      method: 'put',
      path: '/times/{owner}',
      tag,
      summary: 'Set the times of a group, or of everyone',
      body: timesSchema,
      answer: timesListSchema,
      errors: [404],
    },
    async (c) => {
      const { name } = admin(c);
      const { parsed } = await readBody(c, timesSchema);
      await set(c.req.param('owner'), parsed, name);
      return c.json(await listTimes(store.database.kysely));
    },
  );
  addRoute(
    routes,
    {
      method: 'delete',
      path: '/times/{owner}',
      tag,
      summary: 'Remove the times of a group, or of everyone',
      answer: timesListSchema,
      errors: [404],
    },
    async (c) => {
      const { name } = admin(c);
      await set(c.req.param('owner'), null, name);
      return c.json(await listTimes(store.database.kysely));
    },
  );
  return routes;
}

/** Deputies: list, name, end. */
export function deputyRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  const tag = 'users';
  addRoute(
    routes,
    {
      method: 'get',
      path: '/deputies',
      tag,
      summary: 'List your deputies and those you represent',
      answer: deputyListSchema,
    },
    async (c) => {
      const { id, roles } = signedIn(c);
      const seesAll = roles.includes('admin') || roles.includes('auditor');
      const found = await listDeputies(store.database.reads, store.clock(), seesAll ? undefined : id);
      return c.json({ deputies: found.map(({ userIds: _ids, ...deputy }) => deputy) });
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/deputies',
      tag,
      summary: 'Name a deputy for some time',
      body: nameDeputySchema,
      answer: deputySchema,
      status: 201,
      errors: [409],
    },
    async (c) => {
      // Others have no vote that a deputy could cast.
      const { name, roles } = withRole(c, 'reviewer', 'admin');
      const {
        parsed: { person = name, ...rest },
      } = await readBody(c, nameDeputySchema);
      if (person !== name && !roles.includes('admin'))
        throw new HTTPException(403, { message: 'Only an administrator names a deputy for another person.' });
      return c.json(done(await nameDeputy(store, { ...rest, person }, name)), 201);
    },
  );
  addRoute(
    routes,
    { method: 'delete', path: '/deputies/{id}', tag, summary: 'End a deputy now', answer: deputySchema, errors: [404] },
    async (c) => {
      const { id, name, roles } = signedIn(c);
      return c.json(done(await endDeputy(store, c.req.param('id'), { id, name, isAdmin: roles.includes('admin') })));
    },
  );
  return routes;
}

function done(result: DeputyResult): Deputy {
  switch (result.outcome) {
    case 'done':
      return result.deputy;
    case 'not-found':
      throw new HTTPException(404, { message: 'There is no such deputy.' });
    case 'unknown-user':
      throw new HTTPException(400, { message: `There is no user ${result.name}.` });
    case 'same-person':
      throw new HTTPException(409, { message: 'A person can’t be the own deputy.' });
  }
}
