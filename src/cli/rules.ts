import { Option, type Command } from 'commander';
import {
  type CreateRule,
  type Rule,
  RULE_OPERATORS,
  type RuleCondition,
  ruleConditionSchema,
  type RuleOperator,
  type RuleTrial,
  toCondition,
  toTyped,
  TRIAL_DAYS,
  type TryRule,
  type TypedCondition,
  ValueProblem,
} from '@holdpoint/review-server/contract';
import { adminAction, adminOptions } from './admin-action.ts';
import { CommandFailed, UsageError } from './connection.ts';
import type { ReviewerSession } from './reviewer-session.ts';
import type { RunIo } from './run-io.ts';
import { plain } from './show-run.ts';
import { table } from './table.ts';

type RuleFlags = { when?: string[]; always?: boolean; decision?: Rule['decision']; position?: string };

const example = `--when 'details.amount at-most 50'`;
const DOES = {
  approve: ['approves', 'approved'],
  reject: ['rejects', 'rejected'],
  review: ['sends to a person', 'sent to a person'],
} as const;
/** The first word that is an operator ends the field; what follows is the value. */
const spelling = new RegExp(`^\\s*(\\S.*?)\\s+(${RULE_OPERATORS.join('|')})(?:\\s+(.*?))?\\s*$`, 's');
const MOST_ROWS = 20;

/** `holdpoint rules …`: what the review server approves, rejects or sends to a person by itself. */
export function registerRules(program: Command, io: RunIo): void {
  const rules = program
    .command('rules')
    .description(
      "what Holdpoint's own review server decides without a person; the first rule that is on and matches counts",
    );
  const which = 'its name or its id, as list shows them';

  const list = adminOptions(rules.command('list').description('list rules in the order in which they are asked'));
  list.action(() =>
    adminAction(list, io, async ({ session, print }) => {
      const found = await (await session()).call('GET /rules');
      print(found, () => (found.rules.length === 0 ? 'No rules: people decide everything.' : ruleTable(found.rules)));
    }),
  );

  const add = ruleOptions(
    adminOptions(
      rules
        .command('add')
        .argument('<name>', 'decisions that the rule makes show it')
        .description('add a rule; it is off until it is switched on'),
    ),
  ).option('--on', 'switch it on at once');
  add.action((name: string) =>
    adminAction(add, io, async ({ session, print }) => {
      const { on = false, ...flags } = add.opts<RuleFlags & { on?: true }>();
      const body = { name, ...readRule(flags), enabled: on };
      const rule = await (await session()).call('POST /rules', { body });
      print(
        rule,
        () =>
          `The rule ${plain(rule.name)} (${rule.id}) is ${rule.enabled ? 'on' : 'off'}, at position ${rule.position}.${rule.enabled ? '' : ` What it would have decided: holdpoint rules try ${rule.id}`}`,
      );
    }),
  );

  const attempt = ruleOptions(
    adminOptions(
      rules
        .command('try')
        .argument('[rule]', `${which}; or describe one by --when and --decision`)
        .description(`say what a rule would have decided in the last ${TRIAL_DAYS} days; nothing is changed`),
    ),
  );
  attempt.action((wanted: string | undefined) =>
    adminAction(attempt, io, async ({ session, print }) => {
      const flags = attempt.opts<RuleFlags>();
      if (
        wanted !== undefined &&
        [flags.when, flags.always, flags.decision, flags.position].some((flag) => flag !== undefined)
      )
        throw new UsageError('Name a rule, or describe one by --when and --decision, not both.');
      const described = wanted === undefined ? readRule(flags) : undefined;
      const reviewer = await session();
      const body: TryRule = described ?? asTrial(await find(reviewer, wanted!));
      const trial = await reviewer.call('POST /rules/try', { body });
      print(trial, () => trialText(trial, body.decision));
    }),
  );

  for (const [word, enabled] of [
    ['on', true],
    ['off', false],
  ] as const) {
    const command = adminOptions(
      rules.command(word).argument('<rule>', which).description(`switch a rule ${word}, for requests from now on`),
    );
    command.action((wanted: string) =>
      adminAction(command, io, async ({ session, print }) => {
        const reviewer = await session();
        const { id } = await find(reviewer, wanted);
        const rule = await reviewer.call('PATCH /rules/{id}', { path: { id }, body: { enabled } });
        print(
          rule,
          () =>
            `The rule ${plain(rule.name)} is ${word}${enabled ? `: it ${DOES[rule.decision][0]} what comes from now on and matches` : ''}.`,
        );
      }),
    );
  }

  const remove = adminOptions(
    rules.command('remove').argument('<rule>', which).description('remove a rule; decisions that it made stay'),
  );
  remove.action((wanted: string) =>
    adminAction(remove, io, async ({ session, print }) => {
      const reviewer = await session();
      const { id } = await find(reviewer, wanted);
      const rule = await reviewer.call('DELETE /rules/{id}', { path: { id } });
      print(rule, () => `The rule ${plain(rule.name)} is removed.`);
    }),
  );
}

function ruleOptions(command: Command): Command {
  return command
    .option(
      '--when <condition>',
      `a condition, such as 'details.amount at-most 50'; all must hold: give it once for each. Operators: ${RULE_OPERATORS.join(', ')}. Texts that look like numbers need double quotes, lists commas`,
      (condition: string, before: string[] | undefined) => [...(before ?? []), condition],
    )
    .option('--always', 'in place of --when: every request matches')
    .addOption(
      new Option(
        '--decision <decision>',
        'what becomes of a request that matches; review sends to a person what a later rule would decide',
      ).choices(['approve', 'reject', 'review']),
    )
    .option('--position <number>', 'its place in the order, from 1; default: last');
}

function readRule({
  when = [],
  always = false,
  decision,
  position,
}: RuleFlags): Pick<CreateRule, 'conditions' | 'decision' | 'position'> {
  if (decision === undefined) throw new UsageError('Say what the rule does: --decision approve, reject or review.');
  if (when.length === 0 && !always)
    throw new UsageError(`Say what the rule matches: ${example}, once for each condition; or --always.`);
  if (when.length > 0 && always) throw new UsageError('--always has no conditions: leave out --when, or --always.');
  if (position !== undefined && !/^[1-9]\d{0,5}$/.test(position))
    throw new UsageError('--position must be a number from 1.');
  return {
    conditions: when.map(readCondition),
    decision,
    ...(position !== undefined && { position: Number(position) }),
  };
}

function readCondition(text: string): RuleCondition {
  const [, field, operator, value = ''] = spelling.exec(text) ?? [];
  if (field === undefined)
    throw new UsageError(
      `--when "${plain(text)}" must be a field, an operator and a value, such as ${example}. Operators: ${RULE_OPERATORS.join(', ')}.`,
    );
  if ((value === '') !== (operator === 'present' || operator === 'absent'))
    throw new UsageError(
      `--when "${plain(text)}": ${value === '' ? `${operator} needs a value; an empty text is ""` : `${operator} takes no value`}.`,
    );
  const { data, error } = ruleConditionSchema.safeParse(
    typedCondition(text, { field, operator: operator as RuleOperator, value }),
  );
  if (data === undefined)
    throw new UsageError(
      `--when "${plain(text)}": ${error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}.`,
    );
  return data;
}

function typedCondition(text: string, typed: TypedCondition): RuleCondition {
  try {
    return toCondition(typed);
  } catch (error) {
    throw error instanceof ValueProblem ? new UsageError(`--when "${plain(text)}": ${plain(error.message)}`) : error;
  }
}

async function find(reviewer: ReviewerSession, wanted: string): Promise<Rule> {
  const { rules } = await reviewer.call('GET /rules');
  const rule = rules.find(({ id }) => id === wanted) ?? rules.find(({ name }) => name === wanted);
  if (rule === undefined)
    throw new CommandFailed(
      `There is no rule of the name or id "${plain(wanted)}". Those there are: holdpoint rules list`,
    );
  return rule;
}

function asTrial({ id, decision }: Rule): TryRule {
  return { id, decision };
}

function ruleTable(rules: readonly Rule[]): string {
  return table(
    ['', 'name', 'state', 'does', 'when', 'id'],
    rules.map(({ position, name, enabled, decision, conditions, id }) => [
      String(position),
      plain(name),
      enabled ? 'on' : 'off',
      decision,
      plain(conditions.length === 0 ? 'always' : conditions.map(conditionText).join(' and ')),
      id,
    ]),
  );
}

/** As `--when` takes it. */
function conditionText(condition: RuleCondition): string {
  const { field, operator, value } = toTyped(condition);
  return `${field} ${operator}${value === '' ? '' : ` ${value}`}`;
}

function trialText(
  { looked, truncated, matched, decides, people, matches }: RuleTrial,
  decision: Rule['decision'],
): string {
  const taken = matched > decides ? ` ${matched} match; rules before it take the rest.` : '';
  const lines = [
    `Of ${looked} request${looked === 1 ? '' : 's'} in the last ${TRIAL_DAYS} days${truncated ? ', the newest that there are,' : ''} it would have ${DOES[decision][1]} ${decides}.${taken}`,
  ];
  if (decision !== 'review' && decides > 0)
    lines.push(
      `People had approved ${people.approved} of these as asked and ${people.approvedWithEdit} with changes, and rejected ${people.rejected}.`,
    );
  const differing = matches.filter(({ differs }) => differs).length;
  if (differing > 0) lines.push(`It differs from what people decided in ${differing} of the newest ${matches.length}:`);
  // Where people decided otherwise is what the trial is for.
  const shown = matches.toSorted((one, other) => Number(other.differs) - Number(one.differs)).slice(0, MOST_ROWS);
  if (shown.length > 0)
    lines.push(
      '',
      table(
        ['asked', 'assistant', 'action', 'risk', 'came to', 'by', 'differs', 'id'],
        shown.map((match) => [
          match.createdAt.slice(0, 16),
          plain(match.assistant),
          plain(match.action),
          plain(match.riskLevel),
          `${match.status.toLowerCase()}${match.edited ? ', changed' : ''}`,
          plain(match.decidedBy ?? ''),
          match.differs ? 'yes' : '',
          match.id,
        ]),
      ),
    );
  if (decides > shown.length)
    lines.push(
      `… and ${decides - shown.length} more.${matches.length > shown.length ? ` --json has the newest ${matches.length}.` : ''}`,
    );
  return lines.join('\n');
}
