import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { changeRuleSchema, createRuleSchema, tryRuleSchema, type Rule } from '../contract/review-admin.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { changeRule, createRule, deleteRule, listRules, type RuleResult } from '../store/rules.ts';
import { tryRule } from '../store/try-rule.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

const NO_RULE = 'There is no rule with this id; the list of rules has those there are.';

/** Rules: listed, tried out, switched on, put in order. */
export function ruleRoutes(store: ReviewStore): Hono<ReviewerVariables> {
  const routes = new Hono<ReviewerVariables>();
  routes.get('/', async (c) => {
    adminOrAuditor(c);
    return c.json({ rules: await listRules(store.database.kysely) });
  });
  routes.post('/', async (c) => {
    const { name } = admin(c);
    const { parsed } = await readBody(c, createRuleSchema);
    return c.json(done(await createRule(store, parsed, name)), 201);
  });
  // Changes nothing, and shows what was asked in the last days: for whoever may read all of it.
  routes.post('/try', async (c) => {
    adminOrAuditor(c);
    const { parsed } = await readBody(c, tryRuleSchema);
    const trial = await tryRule(store, parsed);
    if (trial === undefined) throw new HTTPException(404, { message: NO_RULE });
    return c.json(trial);
  });
  routes.patch('/:id', async (c) => {
    const { name } = admin(c);
    const { parsed } = await readBody(c, changeRuleSchema);
    return c.json(done(await changeRule(store, c.req.param('id'), parsed, name)));
  });
  routes.delete('/:id', async (c) => {
    const { name } = admin(c);
    return c.json(done(await deleteRule(store, c.req.param('id'), name)));
  });
  return routes;
}

function done(result: RuleResult): Rule {
  if (result.outcome === 'done') return result.rule;
  if (result.outcome === 'not-found') throw new HTTPException(404, { message: NO_RULE });
  throw new HTTPException(409, {
    message: 'name: another rule has this name; decisions name the rule that made them, so each needs its own',
  });
}
