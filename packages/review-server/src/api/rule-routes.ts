import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import {
  changeRuleSchema,
  createRuleSchema,
  ruleListSchema,
  ruleSchema,
  ruleTrialSchema,
  tryRuleSchema,
  type Rule,
} from '../contract/review-admin.ts';
import { addRoute } from '../openapi/add-route.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { changeRule, createRule, deleteRule, listRules, type RuleResult } from '../store/rules.ts';
import { tryRule } from '../store/try-rule.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

const noRule = 'There is no rule with this id. GET /reviewer-api/rules lists the rules.';

/** Rules: list, create, try, change, remove. */
export function ruleRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'get',
      path: '/rules',
      tag: 'rules',
      summary: 'List rules in the order of their evaluation',
      answer: ruleListSchema,
    },
    async (c) => {
      adminOrAuditor(c);
      return c.json({ rules: await listRules(store.database.reads) });
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/rules',
      tag: 'rules',
      summary: 'Create a rule; off unless enabled is true',
      body: createRuleSchema,
      answer: ruleSchema,
      status: 201,
      errors: [409],
    },
    async (c) => {
      const { name } = admin(c);
      const { parsed } = await readBody(c, createRuleSchema);
      return c.json(done(await createRule(store, parsed, name)), 201);
    },
  );
  // Changes nothing and shows past requests, so auditors may call it too.
  addRoute(
    routes,
    {
      method: 'post',
      path: '/rules/try',
      tag: 'rules',
      summary: 'Show what a rule would have decided in the last 30 days',
      body: tryRuleSchema,
      answer: ruleTrialSchema,
      errors: [404],
    },
    async (c) => {
      adminOrAuditor(c);
      const { parsed } = await readBody(c, tryRuleSchema);
      const trial = await tryRule(store, parsed);
      if (trial === undefined) throw new HTTPException(404, { message: noRule });
      return c.json(trial);
    },
  );
  addRoute(
    routes,
    {
      method: 'patch',
      path: '/rules/{id}',
      tag: 'rules',
      summary: 'Change, move or switch a rule',
      body: changeRuleSchema,
      answer: ruleSchema,
      errors: [404, 409],
    },
    async (c) => {
      const { name } = admin(c);
      const { parsed } = await readBody(c, changeRuleSchema);
      return c.json(done(await changeRule(store, c.req.param('id'), parsed, name)));
    },
  );
  addRoute(
    routes,
    {
      method: 'delete',
      path: '/rules/{id}',
      tag: 'rules',
      summary: 'Remove a rule',
      answer: ruleSchema,
      errors: [404],
    },
    async (c) => {
      const { name } = admin(c);
      return c.json(done(await deleteRule(store, c.req.param('id'), name)));
    },
  );
  return routes;
}

function done(result: RuleResult): Rule {
  if (result.outcome === 'done') return result.rule;
  if (result.outcome === 'not-found') throw new HTTPException(404, { message: noRule });
  throw new HTTPException(409, {
    message: 'name: another rule has this name. Decisions carry the name of their rule, so names must be unique.',
  });
}
