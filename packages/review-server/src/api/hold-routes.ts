import { OpenAPIHono } from '@hono/zod-openapi';
import { ownHoldsSchema, undoManyAnswerSchema, undoManySchema, type UndoManyAnswer } from '../contract/holds.ts';
import { addRoute } from '../openapi/add-route.ts';
import { readOwnHolds } from '../store/read-holds.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { undoHeldDecision, type UndoResult } from '../store/undo-held-decision.ts';
import { noApproval } from './no-approval.ts';
import { readBody } from './read-body.ts';
import { personSignedIn, type ReviewerVariables } from './reviewer-session.ts';

type Undone = UndoManyAnswer['results'][number];

/** Held decisions: the person's own, and their undo. */
export function holdRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  const tag = 'approvals';
  addRoute(
    routes,
    { method: 'get', path: '/holds', tag, summary: 'List your held decisions', answer: ownHoldsSchema },
    async (c) => c.json(await readOwnHolds(store.database.reads, await personSignedIn(store, c))),
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/approvals/undo',
      tag,
      summary: 'Undo your held decisions on these approvals',
      body: undoManySchema,
      answer: undoManyAnswerSchema,
    },
    async (c) => {
      const person = await personSignedIn(store, c);
      const {
        parsed: { ids },
      } = await readBody(c, undoManySchema);
      const results: Undone[] = [];
      for (const id of new Set(ids)) results.push(described(id, await undoHeldDecision(store, id, person)));
      return c.json({ results } satisfies UndoManyAnswer);
    },
  );
  return routes;
}

function described(id: string, result: UndoResult): Undone {
  switch (result.outcome) {
    case 'undone':
      return { id, outcome: 'undone' };
    case 'nothing-held':
      return { id, outcome: 'nothing-held', error: 'You hold no decision on this request.' };
    case 'already-closed':
      return { id, outcome: 'already-closed', error: 'The request is decided. A decision is final.' };
    case 'not-yours':
      return {
        id,
        outcome: 'not-yours',
        error: `${result.by} holds this decision and alone can undo it. Another decision of yours overrules it.`,
      };
    case 'not-found':
      return { id, outcome: 'not-found', error: noApproval };
  }
}
