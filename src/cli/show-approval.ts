import wrap from 'wrap-ansi';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { isJsonObject, keysOfBoth, ownValue, stableJson } from '@holdpoint/json';
import { outcomeAnswers } from '@holdpoint/review-server/contract';
import { clamped, plain } from './plain.ts';
import type { ShownApproval } from './shown-approval.ts';
import { table } from './table.ts';

/** Longest texts of the asking program, in characters. Arguments are never cut: they are what runs. */
const longestText = 600;
const longestInTable = 60;

/** Approvals as a table. */
export function approvalTable(approvals: readonly ShownApproval[]): string {
  return table(
    ['approval', 'run', 'tool', 'arguments', 'risk', 'waiting since', 'decide at'],
    approvals.map((each) => [
      each.id,
      each.runId ?? 'none',
      each.kind === 'outcome' ? `${plain(each.tool)} (did it happen?)` : plain(each.tool),
      shortJson(each.arguments, longestInTable),
      plain(each.riskLevel),
      each.waitingSince ?? '',
      plain(each.reviewUrl ?? ''),
    ]),
  );
}

/**
 * One approval with all its facts. The arguments come first and whole. Texts by the asking program come after them,
 * marked as its claims, cut, and indented, so that none of them can pass for a line of ours. `ways`: also the commands
 * that decide.
 */
export function approvalPage(approval: ShownApproval, { ways = true, width = process.stdout.columns } = {}): string {
  const isOutcome = approval.kind === 'outcome';
  const whose =
    approval.connectionKeyOf === undefined ? '' : `, with the Connection Key of ${plain(approval.connectionKeyOf)}`;
  const words = approval.justificationFrom === 'model' ? " (the model's words)" : '';
  return [
    `${isOutcome ? 'Did this call happen?' : 'Call:'} ${plain(approval.tool)}`,
    indented(plain(JSON.stringify(approval.arguments, null, 2)), '  ', width),
    '',
    facts(
      [
        ['risk', plain(approval.riskLevel)],
        ['approval', approval.id],
        ['run', approval.runId ?? 'none: another program asks'],
        ['waiting since', approval.waitingSince],
        ['until', approval.deadlineAt],
        ['claimed by', approval.claimedBy == null ? null : plain(approval.claimedBy)],
        ['decided', approval.decided === undefined ? null : plain(approval.decided)],
      ],
      '',
      width,
    ),
    // Not wrapped: terminals open and copy whole links only.
    ...(approval.reviewUrl === null ? [] : [facts([['decide at', plain(approval.reviewUrl)]], '', undefined)]),
    ...draftLines(approval, width),
    '',
    indented(`Claims of the program that asks${whose}:`, '', width),
    facts(
      [
        ['assistant', approval.connectionKeyOf === undefined ? clamped(approval.assistant, 200) : null],
        ['says it is', approval.saysItIs == null ? null : clamped(approval.saysItIs, 200)],
        ['summary', claim(approval.summary)],
        ['reason', claim(approval.riskReason)],
        [`justification`, approval.justification === null ? null : `${claim(approval.justification)}${words}`],
        ['context', approval.context === null ? null : claim(JSON.stringify(approval.context))],
      ],
      '  ',
      width,
    ),
    ...questionLines(approval, width),
    ...(ways && approval.decided === undefined ? ['', waysToDecide(approval)] : []),
  ].join('\n');
}

/** Questions of reviewers and their answers, which are claims too. */
function questionLines({ questions = [] }: ShownApproval, width: number | undefined): string[] {
  if (questions.length === 0) return [];
  const lines = questions.map(({ askedBy, text, answer, problem }) =>
    facts(
      [
        [`${plain(askedBy)} asks`, plain(text)],
        ['answer', answer === null ? null : plain(answer)],
        ['not answered', problem === null ? null : plain(problem)],
        ['waits', answer === null && problem === null ? 'for the answer' : null],
      ],
      '  ',
      width,
    ),
  );
  return ['', 'Questions:', ...lines];
}

/** The part of the earlier approval that was not taken: an edit can begin with it. */
function draftLines({ draft, arguments: args }: ShownApproval, width: number | undefined): string[] {
  if (!draft) return [];
  const changes = draft.edit && isJsonObject(args) ? changeLinesOf(args, draft.edit) : [];
  return [
    '',
    'Earlier approval that was not taken:',
    ...changes,
    ...(draft.note === null ? [] : [facts([['note', plain(draft.note)]], '  ', width)]),
  ];
}

/** The changes of an edit, one line each. */
export function changeLinesOf(original: WireObject, edited: WireObject): string[] {
  return keysOfBoth(original, edited)
    .filter((key) => stableJson(ownValue(original, key)) !== stableJson(ownValue(edited, key)))
    .map((key) => `  ${plain(JSON.stringify(key))}: ${value(original, key)} → ${value(edited, key)}`);
}

function value(object: WireObject, key: string): string {
  return Object.hasOwn(object, key) ? plain(JSON.stringify(object[key])) : '(nothing)';
}

function waysToDecide({ id, kind, draft }: ShownApproval): string {
  const answers =
    kind === 'outcome'
      ? outcomeAnswers.map((answer) => `${answer} ${id}`)
      : [`approve ${id}`, `edit ${id} KEY=VALUE`, ...(draft ? [`edit ${id} --from-earlier`] : []), `reject ${id}`];
  return answers.map((answer) => `holdpoint approvals ${answer}`).join('\n');
}

function claim(text: string | null): string | null {
  return text === null ? null : clamped(text, longestText);
}

/** Names and values in two columns. A long value continues under its beginning. */
function facts(rows: ReadonlyArray<[string, string | null]>, margin: string, width: number | undefined): string {
  const given = rows.filter((row): row is [string, string] => row[1] !== null && row[1] !== '');
  const column = 13;
  return given
    .map(([name, text]) => {
      const start = `${margin}${name.padEnd(column)}  `;
      return start + indented(text, ' '.repeat(start.length), width).trimStart();
    })
    .join('\n');
}

/** Wraps at the width of the terminal, with the same margin before every line. Output into a pipe is not wrapped. */
function indented(text: string, margin: string, width: number | undefined): string {
  const columns = width ? Math.max(width - margin.length, 20) : Number.POSITIVE_INFINITY;
  const wrapped = Number.isFinite(columns) ? wrap(text, columns, { hard: true, trim: false }) : text;
  return wrapped
    .split('\n')
    .map((line) => margin + line)
    .join('\n');
}

function shortJson(value: unknown, most: number): string {
  const text = plain(JSON.stringify(value));
  const characters = Array.from(text.slice(0, most * 2));
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
