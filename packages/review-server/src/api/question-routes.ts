import { OpenAPIHono } from '@hono/zod-openapi';
import { MOST_QUESTIONS } from '@holdpoint/cheqpoint/wire';
import { reviewerApprovalSchema } from '../contract/reviewer-api.ts';
import { askQuestionSchema } from '../contract/reviewer-questions.ts';
import { addRoute } from '../openapi/add-route.ts';
import { askQuestion } from '../store/questions.ts';
import { alreadyClosedText, visible } from './approval-routes.ts';
import { show, type ApprovalApi } from './show-approval.ts';
import { approvalNotFound } from './no-approval.ts';
import { readBody } from './read-body.ts';
import { personSignedIn, type ReviewerVariables } from './reviewer-session.ts';

/** Questions to the requester. Reviewers and administrators who may see an approval may ask: auditors only read. */
export function questionRoutes(api: ApprovalApi): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'post',
      path: '/approvals/{id}/questions',
      tag: 'approvals',
      summary: 'Ask the requester a question; the approval stays open and unchanged',
      body: askQuestionSchema,
      answer: reviewerApprovalSchema,
      errors: [404, 409],
    },
    async (c) => {
      const person = await personSignedIn(api.store, c, 'reviewer', 'admin');
      const { parsed } = await readBody(c, askQuestionSchema);
      const { id } = await visible(api.store, c.req.param('id'), person);
      const result = await askQuestion(api.store, id, { ...parsed, reviewer: person.name });
      if (result.outcome === 'not-found') return approvalNotFound();
      const approval = await show(api, result.approval, person);
      switch (result.outcome) {
        case 'asked':
        case 'exists':
          return c.json(approval);
        case 'already-closed':
          return c.json({ error: alreadyClosedText(result.approval), approval }, 409);
        case 'too-many':
          return c.json(
            { error: `This approval has ${MOST_QUESTIONS} questions already, the most it can have.`, approval },
            409,
          );
        case 'id-taken':
          return c.json(
            { error: 'Another question was asked under this id. Use a new id for each question.', approval },
            409,
          );
      }
    },
  );
  return routes;
}
