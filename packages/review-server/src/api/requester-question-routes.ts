import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import {
  answerQuestionSchema,
  openQuestionsSchema,
  questionSchema,
  readQuestionsSchema,
} from '@holdpoint/cheqpoint/wire';
import { addRoute } from '../openapi/add-route.ts';
import type { KeyUser } from '../store/connection-keys.ts';
import { answerQuestion, readOpenQuestions } from '../store/questions.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { check, readBody } from './read-body.ts';
import { retryRead } from './retry-read.ts';

/** The requester's side of questions: an extension of Cheqpoint's API. `assistant` is the owner of the key. */
export function requesterQuestionRoutes(store: ReviewStore): OpenAPIHono<{ Variables: { assistant: KeyUser } }> {
  const routes = new OpenAPIHono<{ Variables: { assistant: KeyUser } }>();
  const tag = 'cheqpoint';
  addRoute(
    routes,
    {
      method: 'get',
      path: '/api/questions',
      tag,
      summary: 'Read the open questions of reviewers on your open requests, oldest first',
      query: readQuestionsSchema,
      answer: openQuestionsSchema,
    },
    async (c) => {
      const query = check(readQuestionsSchema, c.req.query());
      const found = await retryRead(() => readOpenQuestions(store, c.var.assistant.id, query), c.req.raw.signal);
      if (found === undefined)
        throw new HTTPException(400, { message: 'after: is not a cursor of this list. Leave it out.' });
      return c.json(found);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/api/approvals/{id}/answers',
      tag,
      summary: 'Answer a reviewer’s question on your own approval; the first answer counts',
      body: answerQuestionSchema,
      answer: questionSchema,
      errors: [404],
    },
    async (c) => {
      const { parsed } = await readBody(c, answerQuestionSchema);
      const question = await answerQuestion(store, c.req.param('id'), c.var.assistant, parsed);
      if (question === undefined)
        throw new HTTPException(404, {
          message:
            'No such question was asked about an approval of this Connection Key. GET /api/questions lists the open ones.',
        });
      return c.json(question);
    },
  );
  return routes;
}
