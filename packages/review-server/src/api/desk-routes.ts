import { OpenAPIHono } from '@hono/zod-openapi';
import {
  addCommentSchema,
  assignedListSchema,
  assignedSchema,
  assigneesSchema,
  assignSchema,
  commentSchema,
  mostComments,
} from '../contract/desk.ts';
import { addRoute } from '../openapi/add-route.ts';
import { addComment } from '../store/comments.ts';
import { handOver, readAssigned, readAssignees } from '../store/hand-over.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { visible } from './approval-routes.ts';
import { approvalNotFound } from './no-approval.ts';
import { readBody } from './read-body.ts';
import { personSignedIn, signedIn, type ReviewerVariables } from './reviewer-session.ts';

/** Comments between reviewers, and handing over. */
export function deskRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  const tag = 'approvals';
  addRoute(
    routes,
    {
      method: 'post',
      path: '/approvals/{id}/comments',
      tag,
      summary: 'Add a comment for other reviewers',
      body: addCommentSchema,
      answer: commentSchema,
      errors: [404, 409],
    },
    async (c) => {
      const person = await personSignedIn(store, c, 'reviewer', 'admin');
      const { parsed } = await readBody(c, addCommentSchema);
      const result = await addComment(store, c.req.param('id'), person, parsed.text);
      if (result.outcome === 'not-found') return approvalNotFound();
      if (result.outcome === 'full') return c.json({ error: fullText }, 409);
      return c.json(result.comment);
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/approvals/{id}/assignees',
      tag,
      summary: 'List the people and groups who may decide an approval',
      answer: assigneesSchema,
      errors: [404],
    },
    async (c) => {
      const person = await personSignedIn(store, c);
      return c.json(await readAssignees(store, await visible(store, c.req.param('id'), person)));
    },
  );
  addRoute(
    routes,
    {
      method: 'put',
      path: '/approvals/{id}/assignment',
      tag,
      summary: 'Hand an approval over to a person or group',
      body: assignSchema,
      answer: assignedSchema,
      errors: [404, 409],
    },
    async (c) => {
      const person = await personSignedIn(store, c, 'reviewer', 'admin');
      const { parsed } = await readBody(c, assignSchema);
      const name = 'user' in parsed.to ? parsed.to.user : parsed.to.group;
      const result = await handOver(store, c.req.param('id'), person, parsed);
      switch (result.outcome) {
        case 'assigned':
          return c.json({ claim: result.claim });
        case 'not-found':
          return approvalNotFound();
        case 'unknown':
          return c.json({ error: `to: there is no ${'user' in parsed.to ? 'user' : 'group'} "${name}".` }, 400);
        case 'may-not-decide':
          return c.json(
            { error: `to: ${name} may not decide this request now. Handing it over changes no right to decide.` },
            400,
          );
        case 'too-many-comments':
          return c.json({ error: fullText }, 409);
        case 'already-closed':
          return c.json({ error: 'The request is decided already. It was not handed over.' }, 409);
      }
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/assigned',
      tag,
      summary: 'List open approvals that others handed over to you',
      answer: assignedListSchema,
    },
    async (c) => c.json(await readAssigned(store, signedIn(c))),
  );
  return routes;
}

const fullText = `This request has ${mostComments} comments, which is the most.`;
