import {
  ApplicationFailure,
  condition,
  continueAsNew,
  setHandler,
  defineQuery,
  defineSignal,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { DecisionHint } from '../../../src/domain/decision.ts';
import { decidedSignal, messagesQuery, retrySignal, runQuery } from '../../../src/domain/wire-names.ts';
import type { MessagesView } from '../../../src/domain/user-message.ts';
import type { Payload } from '../../../src/domain/payload.ts';
import type { RunInput, RunResult, RunView } from '../../../src/domain/run.ts';

const state = defineSearchAttributeKey('HoldpointState', 'KEYWORD');
const approvals = defineSearchAttributeKey('HoldpointApproval', 'KEYWORD_LIST');
const since = defineSearchAttributeKey('HoldpointWaitingSince', 'DATETIME');

/** Stands for the Run Workflow: records the hints it gets, and ends as the first hint says. */
export async function holdpointRun(input: RunInput): Promise<RunResult> {
  const hints: DecisionHint[] = [];
  let retried = false;
  const id = `req-${(input.context as { tag: string }).tag}`;
  const view = (): RunView => ({
    state: retried ? 'running' : 'waiting',
    assistant: input.assistant,
    turn: 1,
    parked: [],
    queuedMessages: 0,
    calls: [
      {
        key: 'k',
        callId: 'c',
        tool: 'probe',
        arguments: { type: 'inline', value: JSON.parse(JSON.stringify(hints)) },
        state: 'waiting',
        approval: { request: 1, kind: 'call', id, waitingSince: 0 },
      },
    ],
  });
  setHandler(defineSignal<[DecisionHint]>(decidedSignal), (hint) => void hints.push(hint));
  setHandler(defineSignal(retrySignal), () => void (retried = true));
  const scripted = (prefix: string): string | undefined =>
    hints.findLast(({ approvalId }) => approvalId?.startsWith(prefix))?.approvalId?.slice(prefix.length);
  setHandler(defineQuery<RunView>(runQuery), () => JSON.parse(scripted('says:') ?? JSON.stringify(view())) as RunView);
  setHandler(
    defineQuery<MessagesView>(messagesQuery),
    () => JSON.parse(scripted('says of messages:') ?? '{"waiting":0,"known":null}') as MessagesView,
  );
  upsertSearchAttributes([
    { key: state, value: 'waiting' },
    { key: approvals, value: [id] },
    { key: since, value: new Date(0) },
  ]);
  await condition(() => hints.some(({ approvalId }) => approvalId !== 'stay' && !approvalId?.startsWith('says')));
  const word = hints.at(-1)?.approvalId;
  if (word === 'fail') throw ApplicationFailure.nonRetryable('After 50 turns.', 'MaxTurnsExceeded');
  if (word === 'again') return await continueAsNew<typeof holdpointRun>(input);
  if (word?.startsWith('ends as:')) return JSON.parse(word.slice(8)) as RunResult;
  const output: Payload = word?.startsWith('stored:')
    ? { type: 'stored', digest: word.slice(7), bytes: 1 }
    : input.input;
  return { output, turns: 2, toolCalls: 1, conversation: { entry: '', digest: '', bytes: 0, surface: {} } };
}
