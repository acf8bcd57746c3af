import type { Json } from '@holdpoint/json';
import { defineSearchAttributeKey } from '@temporalio/common';
import { ApplicationFailure, getExternalWorkflowHandle, startChild, workflowInfo } from '@temporalio/workflow';
import { bytesOf } from '../domain/bytes-of.ts';
import { escapeMarkdown } from '../domain/markdown.ts';
import { largestInlineBytes } from '../domain/payload.ts';
import { randomRunId, runIdForm } from '../domain/run-id.ts';
import { firstWords, startTexts } from '../domain/run-texts.ts';
import type { RunInput, RunResult } from '../domain/run.ts';
import { runWorkflowType, workflowTaskTimeout } from '../domain/wire-names.ts';

export type ChildRunOptions = {
  /** The assistant's name. A worker of the Task Queue has it in its config. */
  assistant: string;
  /** The user's text, up to 64 KB. */
  input: string;
  /** For tools, policies and reviewers, never for the model. */
  context?: Json;
  /** Id of a completed or failed run of the same assistant, whose conversation this run continues. */
  continueFrom?: string;
  /** Turns before the run fails. @default the assistant's number, else 50 */
  maxTurns?: number;
  /**
   * The run's id, which is its Workflow id: up to 128 letters, digits, dots, underscores and hyphens. An id is taken as
   * long as Temporal keeps its run, so one made from your own keys starts a run once even if your Workflow is started
   * again.
   * @default a new random id, the same in a replay
   */
  id?: string;
  /** The gateway's caller that sees and controls the run. @default none: callers that read all runs see it */
  caller?: string;
  /** The Task Queue of Holdpoint's worker. @default the Task Queue of your Workflow */
  taskQueue?: string;
  /**
   * Effect of the end of your Workflow on a run that is still open. A cancelled run withdraws its open requests.
   * @default 'REQUEST_CANCEL'
   */
  parentClosePolicy?: 'REQUEST_CANCEL' | 'ABANDON' | 'TERMINATE';
};

/**
 * `output`: the model's final text. Null with `tooLarge` for one above 64 KB, which stays in Holdpoint's database: read
 * it at the gateway, by `GET /v1/runs/{id}`.
 */
export type RunAnswer = AnswerFacts & ({ output: string; tooLarge: false } | { output: null; tooLarge: true });

type AnswerFacts = {
  /** The run's id. */
  id: string;
  /** The model refused to answer. `output` is its text. */
  refused: boolean;
  turns: number;
  toolCalls: number;
};

export type ChildRun = {
  /** The run's id. */
  readonly id: string;
  /** Waits for the run's end. @throws ChildWorkflowFailure when the run failed or was cancelled. */
  result(): Promise<RunAnswer>;
  /** Cancels the run: running tools are aborted and open requests withdrawn. */
  cancel(): Promise<void>;
};

/**
 * Runs an assistant as a child Workflow and waits for its answer. Its risky tool calls wait for a person meanwhile. A
 * cancellation of your Workflow cancels the run. Adds the start of one child Workflow to your history.
 * @throws ChildWorkflowFailure when the run failed or was cancelled. Its `cause` has the type that docs/errors.md lists.
 * @throws ApplicationFailure `InvalidRunInput` for options that are no run.
 * @example
 * const answer = await executeRun({ assistant: 'billing', input: `Refund order ${order}.`, context: { order } });
 * if (answer.tooLarge) throw ApplicationFailure.nonRetryable(`Read the output of ${answer.id} at the gateway.`);
 * return answer.output;
 */
export async function executeRun(options: ChildRunOptions): Promise<RunAnswer> {
  const run = await startRun(options);
  return await run.result();
}

/** Starts an assistant as a child Workflow. Resolves when Temporal has started it. See `executeRun`. */
export async function startRun(options: ChildRunOptions): Promise<ChildRun> {
  const { assistant, input, context, continueFrom, maxTurns, caller, taskQueue } = options;
  refuseMalformed(options);
  const id = options.id ?? newRunId(assistant);
  const run: RunInput = {
    assistant,
    input: { type: 'inline', value: input },
    ...(context === undefined ? {} : { context }),
    ...(continueFrom === undefined ? {} : { continueFrom }),
    ...(maxTurns === undefined ? {} : { maxTurns }),
  };
  const { workflowId: parent } = workflowInfo();
  const handle = await startChild(runWorkflowType, {
    workflowId: id,
    args: [run],
    workflowTaskTimeout,
    ...(taskQueue === undefined ? {} : { taskQueue }),
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    parentClosePolicy: options.parentClosePolicy ?? 'REQUEST_CANCEL',
    // The same labels as of a run that the gateway started: run-labels.ts.
    memo: { assistant, ...(caller === undefined ? {} : { caller }), summary: firstWords(input) },
    typedSearchAttributes: [
      { key: defineSearchAttributeKey('HoldpointAssistant', 'KEYWORD'), value: assistant },
      ...(caller === undefined ? [] : [{ key: defineSearchAttributeKey('HoldpointCaller', 'KEYWORD'), value: caller }]),
    ],
    ...startTexts({
      input,
      context,
      first: `Assistant **${escapeMarkdown(assistant)}**, started by the Workflow **${escapeMarkdown(parent)}**.`,
    }),
  });
  return {
    id,
    result: async () => toAnswer(id, (await handle.result()) as RunResult),
    cancel: () => getExternalWorkflowHandle(id).cancel(),
  };
}

/** Random by the Workflow's own seed: users' histories hold these ids, so their form stays. */
function newRunId(assistant: string): string {
  return randomRunId({
    assistant,
    now: new Date(Date.now()),
    length: 12,
    below: (end) => Math.floor(Math.random() * end),
  });
}

function refuseMalformed({ assistant, input, id, maxTurns }: ChildRunOptions): void {
  if (typeof assistant !== 'string' || assistant === '') throw invalid('assistant must be the name of an assistant.');
  if (typeof input !== 'string' || input === '') throw invalid('input must be a text that is not empty.');
  if (bytesOf(JSON.stringify(input)) > largestInlineBytes)
    throw invalid(
      'input has more than 64 KB of JSON, which does not fit into a history. Send a reference in `context` instead.',
    );
  if (id !== undefined && !runIdForm.test(id))
    throw invalid(
      `the id ${JSON.stringify(id)} is not 1 to 128 letters, digits, dots, underscores or hyphens, so the gateway can't address the run.`,
    );
  if (maxTurns !== undefined && !(Number.isSafeInteger(maxTurns) && maxTurns > 0))
    throw invalid('maxTurns must be a whole number above 0, or left out.');
}

function invalid(says: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`A child run can't start: ${says}`, 'InvalidRunInput');
}

function toAnswer(id: string, { output, refused, turns, toolCalls }: RunResult): RunAnswer {
  const facts = { id, refused: refused === true, turns, toolCalls };
  return output.type === 'inline'
    ? { ...facts, output: output.value as string, tooLarge: false }
    : { ...facts, output: null, tooLarge: true };
}
