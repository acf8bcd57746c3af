import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import {
  addUserSchema,
  linkUserSchema,
  changeUserSchema,
  userListSchema,
  userSchema,
  type User,
} from '../contract/users.ts';
import { addRoute } from '../openapi/add-route.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { linkUser, type LinkResult } from '../store/link-user.ts';
import { addUser, changeUser, listUsers, removeUser, type UserChange } from '../store/users.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Users and their roles: list, add, change, remove. */
export function userRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    { method: 'get', path: '/users', tag: 'users', summary: 'List users', answer: userListSchema },
    async (c) => {
      adminOrAuditor(c);
      return c.json({ users: await listUsers(store) });
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/users',
      tag: 'users',
      summary: 'Add a user',
      body: addUserSchema,
      answer: userSchema,
      status: 201,
      errors: [409],
    },
    async (c) => {
      const { name } = admin(c);
      const { parsed } = await readBody(c, addUserSchema);
      return c.json(done(await addUser(store, parsed, name)), 201);
    },
  );
  addRoute(
    routes,
    {
      method: 'patch',
      path: '/users/{name}',
      tag: 'users',
      summary: 'Change a user’s password or roles',
      body: changeUserSchema,
      answer: userSchema,
      errors: [404, 409],
    },
    async (c) => {
      const { name } = admin(c);
      const { parsed } = await readBody(c, changeUserSchema);
      return c.json(done(await changeUser(store, c.req.param('name'), parsed, name)));
    },
  );
  addRoute(
    routes,
    {
      method: 'delete',
      path: '/users/{name}',
      tag: 'users',
      summary: 'Remove a user',
      answer: userSchema,
      errors: [404, 409],
    },
    async (c) => {
      const { name } = admin(c);
      return c.json(done(await removeUser(store, c.req.param('name'), name)));
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/users/{name}/link',
      tag: 'users',
      summary: 'Give a user the identity provider’s sign-in of another one, who is removed',
      body: linkUserSchema,
      answer: userSchema,
      errors: [404, 409],
    },
    async (c) => {
      const { name: by } = admin(c);
      const {
        parsed: { user: other },
      } = await readBody(c, linkUserSchema);
      const name = c.req.param('name');
      const { outcome } = await linkUser(store, { name, other, by });
      if (outcome !== 'done') throw refusedLink(outcome);
      return c.json((await listUsers(store)).find((user) => user.name === name));
    },
  );
  return routes;
}

function refusedLink(outcome: Exclude<LinkResult['outcome'], 'done'>): HTTPException {
  switch (outcome) {
    case 'not-found':
      return new HTTPException(404, { message: 'There is no such user. Both must exist.' });
    case 'same':
      return new HTTPException(409, { message: 'These are the same user.' });
    case 'not-of-provider':
      return new HTTPException(409, {
        message:
          'The other user has a password, or did not come from the identity provider. Only such a user is merged.',
      });
    case 'has-votes':
      return new HTTPException(409, {
        message: 'The other user voted on an approval that is open, or edited it. Link them when it is decided.',
      });
    case 'last-admin':
      return new HTTPException(409, {
        message: 'The other user is the last one with the role admin. Give the role to another user first.',
      });
  }
}

function done(change: UserChange): User {
  switch (change.outcome) {
    case 'done':
      return change.user;
    case 'not-found':
      throw new HTTPException(404, { message: 'There is no such user.' });
    case 'name-taken':
      throw new HTTPException(409, { message: 'A user with this name exists already.' });
    case 'last-admin':
      throw new HTTPException(409, {
        message: 'This is the last user with the role admin. Give the role to another user first.',
      });
  }
}
