import { createRoute } from '@hono/zod-openapi';
import { ReviewFailure } from '@holdpoint/cheqpoint';
import { questionSchema, runIdSchema } from '../schemas/rest.ts';
import { answerSchema } from '../schemas/rest-approvals.ts';
import { z } from 'zod';
import { readRecord, type ApprovalRecordsDeps } from './approval-records.ts';
import { callsOfStandalone } from './approval-routes.ts';
import { answers, jsonBody } from './documented.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';

/** Longest wait for the review service. */
const answerTimeoutMs = 10_000;

const answerQuestion = createRoute({
  method: 'post',
  path: '/v1/approvals/{id}/answers',
  tags: ['approvals'],
  summary: "Answer a reviewer's question on a standalone approval",
  description:
    'The reviewer sees the answer beside the request, which stays open and unchanged. The first answer counts: a later one gets the first. The model of an assistant answers the questions on its calls itself.',
  request: { params: z.object({ id: runIdSchema }), body: jsonBody(answerSchema) },
  responses: answers({ 200: ['The question with its answer.', questionSchema] }, 400, 401, 404, 413, 415, 503),
});

/** The route that answers reviewers' questions. */
export function questionRoutes({ records }: { records: ApprovalRecordsDeps }): GatewayRouter {
  const app = createRouter();
  app.openapi(answerQuestion, async (c) => {
    const { id } = c.req.valid('param');
    const { runs } = c.get('access');
    const answer = c.req.valid('json');
    const run = await runs.get(id);
    if (run?.kind !== 'approval')
      throw new RestFailure('approval-not-found', `There is no standalone approval "${id}".`);
    runs.checkAnswer(run);
    const [call] = callsOfStandalone(run);
    const reading = await readRecord(records, call!);
    if (!('approval' in reading))
      throw new RestFailure(
        reading.problem === 'unavailable' ? 'review-unavailable' : 'approval-not-found',
        reading.reason,
      );
    try {
      const question = await records
        .review(run.assistant)
        .answerQuestion(reading.approval.id, answer, AbortSignal.timeout(answerTimeoutMs));
      await runs.signalAsked(id, { callKey: call!.call.key });
      return c.json(question, 200);
    } catch (error) {
      if (!(error instanceof ReviewFailure)) throw error;
      if (error.kind !== 'gone' && error.kind !== 'refused')
        throw new RestFailure('review-unavailable', `The answer may not have arrived. Send it again. ${error.message}`);
      throw new RestFailure(
        'question-not-found',
        `The approval "${id}" has no question "${answer.question}". GET /v1/approvals/${id} shows its questions.`,
        'body.question',
      );
    }
  });
  return app;
}
