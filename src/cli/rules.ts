import { Option, type Command } from 'commander';
import {
  type CreateRule,
  type Rule,
  ruleOperators,
  type RuleCondition,
  ruleConditionSchema,
  type RuleOperator,
  type RuleTrial,
  toCondition,
  toTyped,
  trialDays,
  type TryRule,
  type TypedCondition,
  ValueProblem,
} from '@holdpoint/review-server/contract';
import { adminAction, adminOptions } from './admin-action.ts';
import { CommandFailed, UsageError } from './connection.ts';
import type { ReviewerSession } from './reviewer-session.ts';
import type { RunIo } from './run-io.ts';
import { plain } from './plain.ts';
import { table } from './table.ts';

type RuleFlags = { when?: string[]; always?: boolean; decision?: Rule['decision']; position?: string };

const example = `--when 'details.amount at-most 50'`;
const verbs = {
  approve: ['approves', 'approved'],
  reject: ['rejects', 'rejected'],
  review: ['sends to a person', 'sent to a person'],
} as const;
/** The first operator ends the field. The rest is the value. */
const spelling = new RegExp(`^\\s*(\\S.*?)\\s+(${ruleOperators.join('|')})(?:\\s+(.*?))?\\s*$`, 's');
const mostRows = 20;

/** `holdpoint rules …`: the review server's automatic decisions. */
export function registerRules(program: Command, io: RunIo): void {
  const rules = program
    .command('rules')
    .description(
      "manage automatic decisions of Holdpoint's review server; the first enabled rule that matches decides",
    );
  const which = 'name or id of the rule, from "rules list"';

  const list = adminOptions(rules.command('list').description('list rules in the order of evaluation'));
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
        .argument('<name>', 'name of the rule; its decisions show it')
        .description('add a rule, switched off'),
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
          `The rule ${plain(rule.name)} (${rule.id}) is ${rule.enabled ? 'on' : 'off'}, at position ${rule.position}.${rule.enabled ? '' : ` See its decisions on past requests: holdpoint rules try ${rule.id}`}`,
      );
    }),
  );

  const attempt = ruleOptions(
    adminOptions(
      rules
        .command('try')
        .argument('[rule]', `${which}; or describe one with --when and --decision`)
        .description(`show what a rule would have decided in the last ${trialDays} days; changes nothing`),
    ),
  );
  attempt.action((wanted: string | undefined) =>
    adminAction(attempt, io, async ({ session, print }) => {
      const flags = attempt.opts<RuleFlags>();
      if (
        wanted !== undefined &&
        [flags.when, flags.always, flags.decision, flags.position].some((flag) => flag !== undefined)
      )
        throw new UsageError('Name a rule, or describe one with --when and --decision, not both.');
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
      rules.command(word).argument('<rule>', which).description(`switch a rule ${word} for later requests`),
    );
    command.action((wanted: string) =>
      adminAction(command, io, async ({ session, print }) => {
        const reviewer = await session();
        const { id } = await find(reviewer, wanted);
        const rule = await reviewer.call('PATCH /rules/{id}', { path: { id }, body: { enabled } });
        print(
          rule,
          () =>
            `The rule ${plain(rule.name)} is ${word}${enabled ? `: it ${verbs[rule.decision][0]} matching requests from now on` : ''}.`,
        );
      }),
    );
  }

  const remove = adminOptions(
    rules.command('remove').argument('<rule>', which).description('remove a rule; its decisions stay'),
  );
  remove.action((wanted: string) =>
    adminAction(remove, io, async ({ session, print }) => {
      const reviewer = await session();
      const { id } = await find(reviewer, wanted);
      const rule = await reviewer.call('DELETE /rules/{id}', { path: { id } });
      print(rule, () => `Removed the rule ${plain(rule.name)}.`);
    }),
  );
}

function ruleOptions(command: Command): Command {
  return command
    .option(
      '--when <condition>',
      `a condition, such as 'details.amount at-most 50'; repeat the option for more, all must hold. Operators: ${ruleOperators.join(', ')}. Quote texts that look like numbers; separate lists with commas`,
      (condition: string, before: string[] | undefined) => [...(before ?? []), condition],
    )
    .option('--always', 'match every request, instead of --when')
    .addOption(
      new Option(
        '--decision <decision>',
        'decision for matching requests; review: a person decides, even if a later rule matches',
      ).choices(['approve', 'reject', 'review']),
    )
    .option('--position <number>', 'position in the order, from 1; default: last');
}

function readRule({
  when = [],
  always = false,
  decision,
  position,
}: RuleFlags): Pick<CreateRule, 'conditions' | 'decision' | 'position'> {
  if (decision === undefined) throw new UsageError('Choose a decision: --decision approve, reject or review.');
  if (when.length === 0 && !always) throw new UsageError(`Give a condition: ${example}, once for each; or --always.`);
  if (when.length > 0 && always) throw new UsageError('--always and --when exclude each other: leave one out.');
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
      `--when "${plain(text)}" must be a field, an operator and a value, such as ${example}. Operators: ${ruleOperators.join(', ')}.`,
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
    throw new CommandFailed(`No rule has the name or id "${plain(wanted)}". List the rules with: holdpoint rules list`);
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
  const taken = matched > decides ? ` ${matched} match; earlier rules decide the rest.` : '';
  const lines = [
    `Of ${truncated ? 'the newest ' : ''}${looked} request${looked === 1 ? '' : 's'} in the last ${trialDays} days it would have ${verbs[decision][1]} ${decides}.${taken}`,
  ];
  if (decision !== 'review' && decides > 0)
    lines.push(
      `People had approved ${people.approved} of these as asked and ${people.approvedWithEdit} with changes, and rejected ${people.rejected}.`,
    );
  const differing = matches.filter(({ differs }) => differs).length;
  if (differing > 0) lines.push(`It differs from people's decisions in ${differing} of the newest ${matches.length}:`);
  // Differing decisions first: they are the purpose of a trial.
  const shown = matches.toSorted((one, other) => Number(other.differs) - Number(one.differs)).slice(0, mostRows);
  if (shown.length > 0)
    lines.push(
      '',
      table(
        ['requested', 'assistant', 'action', 'risk', 'result', 'by', 'differs', 'id'],
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
