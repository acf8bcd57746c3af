import type { Json, RecordedCall, RecordedDecision, RecordedTurn, RunRecord } from '../client.ts';
import { clamped, plain, plainAnswer } from './plain.ts';
import { tokensText } from './usage.ts';

/** Length of arguments and outputs in a line. `--json` has all of them. */
const longestValue = 200;

/** What a run did, in lines: each turn with its calls. `openTurn`: a turn that is shown elsewhere. */
export function recordLines({ turns, earlierTurns, approval, missing }: RunRecord, openTurn?: number): string[] {
  const shown = turns.filter(({ turn }) => turn !== openTurn);
  return [
    ...(earlierTurns > 0
      ? [`${earlierTurns} earlier ${earlierTurns === 1 ? 'turn' : 'turns'}: --before ${turns[0]?.turn}`]
      : []),
    ...shown.flatMap(turnLines),
    ...(approval ? callLines(approval) : []),
    ...(missing === null ? [] : [missing]),
  ];
}

function turnLines(turn: RecordedTurn): string[] {
  const { messages, words, calls, answer, answers, attempt } = turn;
  const took =
    turn.startedAt === null || turn.endedAt === null
      ? []
      : [`${((Date.parse(turn.endedAt) - Date.parse(turn.startedAt)) / 1000).toFixed(1)} s`];
  const facts = [
    ...(turn.startedAt === null ? [] : [turn.startedAt]),
    ...(turn.model === null ? [] : [plain(turn.model)]),
    ...took,
    ...(attempt !== null && attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(turn.startedAt === null ? [] : [tokensText(turn.usage)]),
    ...(turn.cost === null ? [] : [`${turn.cost.amount} ${turn.cost.currency}`]),
    ...(answers > 1 ? [`${answers} answers of the model`] : []),
  ];
  return [
    [`Turn ${turn.turn}`, ...facts].join('  '),
    ...messages.map((message) => `  user: ${clamped(message, longestValue)}`),
    ...(words === null ? [] : [`  model: ${clamped(words, longestValue)}`]),
    ...calls.flatMap((call) => callLines(call).map((line) => `  ${line}`)),
    ...(answer === null ? [] : [`  answer: ${valueText(answer)}`]),
  ];
}

function callLines(call: RecordedCall): string[] {
  const { tool, requests, decisions, ranWith, attempts, startedAt, settledAs, settledAt, output } = call;
  const [first] = requests;
  const start = startedAt === null ? '' : ` at ${startedAt}`;
  return [
    `${plain(tool)}${call.arguments === null ? '' : ` ${valueText(call.arguments)}`}`,
    ...(first ? [`  asked ${first.requestedAt}${requests.length > 1 ? `, ${requests.length} requests` : ''}`] : []),
    ...decisions.flatMap(decisionLines).map((line) => `  ${line}`),
    ...(ranWith === null ? [] : [`  ran with ${valueText(ranWith)}`]),
    ...(attempts > 1 ? [`  ${attempts} attempts, the last${start}`] : attempts === 1 ? [`  started${start}`] : []),
    `  ${settledAs === null ? 'not settled' : `${settledAs}${settledAt === null ? '' : ` ${settledAt}`}`}`,
    ...(output === null ? [] : [`  output: ${clamped(output, longestValue)}`]),
  ];
}

const deciders = { person: 'a person', rule: 'a rule', system: 'the system' };

function decisionLines({ decision, reviewer, rule, note, edit, removed, reviewedAgain }: RecordedDecision): string[] {
  const by = reviewer ?? (rule === null ? deciders[decision.by] : `the rule "${rule}"`);
  const at = decision.decidedAt === null ? '' : ` ${decision.decidedAt}`;
  return [
    `${decision.outcome} by ${plain(by)}${plain(at)}${note === null ? '' : `: ${clamped(note, longestValue)}`}`,
    ...(edit === null ? [] : [`  edit: ${valueText(edit)}`]),
    ...(removed.length === 0 ? [] : [`  removed: ${plain(removed.join(', '))}`]),
    ...(reviewedAgain === null ? [] : [`  asked again: ${clamped(reviewedAgain, longestValue)}`]),
  ];
}

function valueText(value: Json): string {
  return clamped(typeof value === 'string' ? plainAnswer(value) : JSON.stringify(value), longestValue);
}
