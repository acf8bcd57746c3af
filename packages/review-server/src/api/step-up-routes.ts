import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { beginStepUpSchema, stepUpOptionsSchema, type StepUpOptions } from '../contract/step-up.ts';
import { addRoute } from '../openapi/add-route.ts';
import { siteOf } from '../passkey-site.ts';
import { makeChallenge } from '../store/challenges.ts';
import { listPasskeys, requestOptions } from '../store/passkeys.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { actDigest, isCriticalApproval, stepUpFor } from '../store/step-up.ts';
import { visible } from './approval-routes.ts';
import { readBody } from './read-body.ts';
import { personSignedIn, type ReviewerVariables } from './reviewer-session.ts';
import { tooManyChallenges } from './second-factor.ts';

/** The question to a passkey before the approval of a critical request. */
export function stepUpRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'post',
      path: '/approvals/{id}/step-up',
      tag: 'approvals',
      summary: 'Begin to confirm a decision with a passkey, where it needs one',
      body: beginStepUpSchema,
      answer: stepUpOptionsSchema,
      errors: [404, 429],
    },
    async (c) => {
      const person = await personSignedIn(store, c, 'reviewer', 'admin');
      const approval = await visible(store, c.req.param('id'), person);
      const {
        parsed: { decision, removed, shown },
        exact,
      } = await readBody(c, beginStepUpSchema);
      const need = isCriticalApproval(approval, decision)
        ? await stepUpFor(store, store.database.kysely, person.id)
        : 'none';
      if (need === 'none') return c.json({ needed: false } satisfies StepUpOptions);
      if (need !== 'needed') throw new HTTPException(403, { message: need.problem });
      const modifiedDetails = (exact['modifiedDetails'] ?? null) as WireObject | null;
      const made = await makeChallenge(store, {
        kind: 'step-up',
        userId: person.id,
        sessionId: c.var.session!.id,
        boundDigest: actDigest({ approval, decision, modifiedDetails, removed, shown }),
      });
      if (made === undefined) throw new HTTPException(429, { message: tooManyChallenges.text });
      const site = siteOf(store);
      if ('problem' in site) throw new HTTPException(403, { message: site.problem });
      const options = requestOptions(site.rpId, made, await listPasskeys(store.database, person.id));
      return c.json({ needed: true, origin: site.origin, options } satisfies StepUpOptions);
    },
  );
  return routes;
}
