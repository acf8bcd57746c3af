import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { changeGroupSchema, createGroupSchema, groupListSchema, groupSchema, type Group } from '../contract/groups.ts';
import { addRoute } from '../openapi/add-route.ts';
import { changeGroup, createGroup, type GroupResult, listGroups, removeGroup } from '../store/groups.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Groups of users, to which approvals are addressed: list, add, change, remove. */
export function groupRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  const tag = 'groups';
  addRoute(
    routes,
    { method: 'get', path: '/groups', tag, summary: 'List groups with their members', answer: groupListSchema },
    async (c) => {
      adminOrAuditor(c);
      return c.json({ groups: await listGroups(store.database.reads) });
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/groups',
      tag,
      summary: 'Add a group',
      body: createGroupSchema,
      answer: groupSchema,
      status: 201,
      errors: [409],
    },
    async (c) => {
      const { name } = admin(c);
      const { parsed } = await readBody(c, createGroupSchema);
      return c.json(done(await createGroup(store, parsed, name)), 201);
    },
  );
  addRoute(
    routes,
    {
      method: 'patch',
      path: '/groups/{id}',
      tag,
      summary: 'Change a group’s name, members or visibility',
      body: changeGroupSchema,
      answer: groupSchema,
      errors: [404, 409],
    },
    async (c) => {
      const { name } = admin(c);
      const { parsed } = await readBody(c, changeGroupSchema);
      return c.json(done(await changeGroup(store, c.req.param('id'), parsed, name)));
    },
  );
  addRoute(
    routes,
    {
      method: 'delete',
      path: '/groups/{id}',
      tag,
      summary: 'Remove a group for which no approval waits',
      answer: groupSchema,
      errors: [404, 409],
    },
    async (c) => {
      const { name } = admin(c);
      return c.json(done(await removeGroup(store, c.req.param('id'), name)));
    },
  );
  return routes;
}

function done(result: GroupResult): Group {
  switch (result.outcome) {
    case 'done':
      return result.group;
    case 'not-found':
      throw new HTTPException(404, { message: 'There is no such group.' });
    case 'name-taken':
      throw new HTTPException(409, { message: 'A group with this name exists already.' });
    case 'name-reserved':
      throw new HTTPException(400, {
        message:
          'name: "admins" means all administrators where others are asked in addition. Choose another name, such as "operations".',
      });
    case 'in-use':
      throw new HTTPException(409, { message: 'Requests wait for this group. Decide them first.' });
    case 'unknown-users':
      throw new HTTPException(400, { message: `members: there is no user ${result.names.join(', ')}.` });
  }
}
