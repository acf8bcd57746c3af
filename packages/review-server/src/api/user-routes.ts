import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { addUserSchema, changeUserSchema, type User } from '../contract/reviewer-api.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { addUser, changeUser, listUsers, removeUser, type UserChange } from '../store/users.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Who may sign in, and with which roles. */
export function userRoutes(store: ReviewStore): Hono<ReviewerVariables> {
  const routes = new Hono<ReviewerVariables>();
  routes.get('/', async (c) => {
    adminOrAuditor(c);
    return c.json({ users: await listUsers(store) });
  });
  routes.post('/', async (c) => {
    const { name } = admin(c);
    const { parsed } = await readBody(c, addUserSchema);
    return c.json(done(await addUser(store, parsed, name)), 201);
  });
  routes.patch('/:name', async (c) => {
    const { name } = admin(c);
    const { parsed } = await readBody(c, changeUserSchema);
    return c.json(done(await changeUser(store, c.req.param('name'), parsed, name)));
  });
  routes.delete('/:name', async (c) => {
    const { name } = admin(c);
    return c.json(done(await removeUser(store, c.req.param('name'), name)));
  });
  return routes;
}

function done(change: UserChange): User {
  switch (change.outcome) {
    case 'done':
      return change.user;
    case 'not-found':
      throw new HTTPException(404, { message: 'There is no such user.' });
    case 'name-taken':
      throw new HTTPException(409, { message: 'There is a user of that name already.' });
    case 'last-admin':
      throw new HTTPException(409, {
        message: 'This is the last user with the role admin. Give it to somebody else first.',
      });
  }
}
