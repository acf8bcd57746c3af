import { randomUUID } from 'node:crypto';
import { failSpan, inSpan } from '@holdpoint/process';
import { Context, log } from '@temporalio/activity';
import type { Json, JsonObject } from '@holdpoint/json';
import { digestOf } from '@holdpoint/json/canonical';
import { outputs, resultOutput } from '../domain/outputs.ts';
import { wellFormed } from '../domain/well-formed.ts';
import type { Tool, ToolCallFacts } from '../assistant/tool.ts';
import { isNotExecuted, isToolFailed } from '../assistant/tool-errors.ts';
import type { ActivityDependencies } from './context.ts';
import type { AttemptLease } from './attempt-lease.ts';
import { attemptTooOld, failure } from './failure.ts';
import { thrownError, thrownMessage } from './thrown-error.ts';
import { ofCall, ofRun } from './traced.ts';
import type { EffectLedger, EffectOutput, EffectRow, EffectStart } from './ports.ts';

/** A tool parks its call after this many failures since the last `runs retry`. */
const mostAttempts = 10;
/** Inserts of one attempt's row, if replies of the database are lost. */
const mostStartTries = 3;

export type ToolRun = {
  tool: Tool & { execute: NonNullable<Tool['execute']> };
  effect: 'idempotent' | 'at-most-once';
  args: JsonObject;
  facts: Pick<ToolCallFacts, 'run' | 'context'>;
  callKey: string;
  request: { number: number; id: string | null } | null;
  /** ISO 8601. Null for a call without a decision, or a decision without a time. */
  decidedAt: string | null;
  /** W3C traceparent of the request that hinted at the decision. */
  decisionTrace?: string;
  /** The highest number of a request made for this call. */
  requestsBefore: number;
  /** The newest ledger row of this call, if there is one. */
  row: EffectRow | undefined;
  retries: number;
  lease: AttemptLease;
  /** Writes a result for the model. */
  output: (result: Json) => EffectOutput;
};

/**
 * Runs a tool after its row in the effect ledger is committed: no row, no action. `ended`: the row as it was closed.
 * `unknown`: the effect may have happened. `taken`: another attempt owns the start, so its row is read first.
 * @throws ToolAttemptFailed (retried), ToolKeepsFailing (parks), AttemptTooOld (retried).
 */
export async function runTool(
  { effects, meter, traceContent = false, worker, now }: ActivityDependencies,
  run: ToolRun,
): Promise<{ type: 'ended'; row: EffectRow } | { type: 'unknown'; message: string } | { type: 'taken' }> {
  const { callKey, row, effect } = run;
  const attempt = { attemptId: randomUUID(), worker, at: now() };
  const open = row?.state === 'open' ? row : undefined;
  const start = open ? open.start : (row?.start ?? 0) + 1;
  // Each attempt of an `at-most-once` tool has its own start, so its starts count its attempts.
  const attempts = effect !== 'idempotent' ? start : (open?.attempts ?? 0) + 1;
  if (attempts > mostAttempts * (run.retries + 1))
    throw keepsFailing(run.tool.name, 'see the earlier attempts of this Activity', undefined);
  run.lease.throwIfLost();

  const mine = open
    ? await effects.takeOver(callKey, start, open.attemptId, attempt)
    : await startOwn(effects, run.lease, {
        ...attempt,
        callKey,
        start,
        runId: run.facts.run.runId,
        tool: run.tool.name,
        effect,
        argumentsDigest: digestOf(run.args),
        requestsBefore: run.requestsBefore,
        request: run.request,
      });
  if (!mine) return { type: 'taken' };

  try {
    run.lease.throwIfLost();
  } catch (error) {
    if (!open) await effects.release(callKey, start, attempt.attemptId);
    throw error;
  }

  const { cancellationSignal } = Context.current();
  if (!row) meter?.toolStarted({ tool: run.tool.name, waitedMs: sinceDecision(run, now()) });
  const begun = performance.now();
  const outcome = await executeInSpan({ run, attempts, traceContent, signal: cancellationSignal });
  meter?.toolAttempted({
    tool: run.tool.name,
    result: outcome.type === 'result' ? 'ok' : outcome.type,
    seconds: (performance.now() - begun) / 1000,
  });
  switch (outcome.type) {
    case 'result':
      return {
        type: 'ended',
        row: await effects.close(callKey, start, { state: 'done', output: outputOf(run, outcome.result), at: now() }),
      };
    case 'failed':
      log.info(`"${run.tool.name}" failed for good; the model is told.`, { error: outcome.error });
      // One attempt of an idempotent tool may fail for good while a newer one succeeds: only the newest may close the
      // row.
      if ((await effects.newest(callKey))?.attemptId !== attempt.attemptId) throw attemptTooOld();
      return {
        type: 'ended',
        row: await effects.close(callKey, start, {
          state: 'failed',
          output: { text: outputs.failed(run.tool.name, outcome.message).toWellFormed() },
          at: now(),
        }),
      };
    case 'not-executed':
      if (effect !== 'idempotent' && !(await effects.notHappened(callKey, start, attempt.attemptId, now())))
        return { type: 'taken' };
      break;
    case 'threw':
      if (effect !== 'idempotent') {
        await effects.doubt(callKey, start);
        log.warn(`"${run.tool.name}" threw, and its effect may have happened: a person is asked.`, {
          error: outcome.error,
        });
        return { type: 'unknown', message: outcome.message };
      }
  }
  cancellationSignal.throwIfAborted();
  if (attempts >= mostAttempts * (run.retries + 1)) throw keepsFailing(run.tool.name, outcome.message, outcome.error);
  throw failure('ToolAttemptFailed', `Attempt ${attempts} of "${run.tool.name}": ${outcome.message}`, {
    cause: outcome.error,
  });
}

/**
 * True if this attempt owns the start. If the reply to its insert is lost, the row is looked for: a row with its own
 * attempt id was committed by it, and nothing has run since.
 */
async function startOwn(effects: EffectLedger, lease: AttemptLease, begun: EffectStart): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      if ((await effects.start(begun)) === 'started') return true;
      if (tries === 1) return false;
      const row = await effects.newest(begun.callKey);
      return row?.attemptId === begun.attemptId && row.state === 'open' && !row.doubted;
    } catch (error) {
      if (tries === mostStartTries) throw error;
      log.warn(`The reply to the ledger row of "${begun.tool}" was lost. The row is looked for.`, {
        error: thrownError(error),
      });
      lease.throwIfLost();
    }
  }
}

/** Milliseconds, by the clocks of the review service and this worker. */
function sinceDecision({ decidedAt }: ToolRun, now: number): number | undefined {
  const at = decidedAt === null ? Number.NaN : Date.parse(decidedAt);
  return Number.isNaN(at) ? undefined : Math.max(0, now - at);
}

/** One call of `execute`. */
type ToolAttempt =
  { type: 'result'; result: unknown } | { type: 'failed' | 'not-executed' | 'threw'; message: string; error: Error };

/**
 * Calls `execute` in a span `execute_tool`. It continues the trace of the run, and links to the trace of the decision.
 * Arguments and result are part of it only if `traceContent` is on.
 */
async function executeInSpan(attempt: {
  run: ToolRun;
  attempts: number;
  traceContent: boolean;
  signal: AbortSignal;
}): Promise<ToolAttempt> {
  const { run, attempts, traceContent, signal } = attempt;
  const { name } = run.tool;
  return await inSpan(
    {
      name: `execute_tool ${name}`,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        ...ofCall({ key: run.callKey, tool: name }),
        'gen_ai.agent.name': run.facts.run.assistant,
        ...ofRun(),
        'holdpoint.tool.attempt': attempts,
        ...(traceContent && { 'gen_ai.tool.call.arguments': JSON.stringify(run.args) }),
      },
      linksTo: [run.decisionTrace],
    },
    async (span) => {
      const outcome = await execute(run, attempts, signal);
      if (outcome.type !== 'result') {
        failSpan(span, outcome.type);
      } else if (traceContent) span.setAttribute('gen_ai.tool.call.result', outputOf(run, outcome.result).text);
      return outcome;
    },
  );
}

/** Calls `execute` once. After its timeout the call counts as thrown, even if the tool ignores its `signal`. */
async function execute(
  { tool, args, facts, callKey }: ToolRun,
  attempt: number,
  cancelled: AbortSignal,
): Promise<ToolAttempt> {
  const timeout = AbortSignal.timeout(tool.timeoutMs);
  const signal = AbortSignal.any([cancelled, timeout]);
  const timedOut = new Promise<never>((_resolve, reject) => {
    timeout.addEventListener('abort', () => reject(new Error(`no answer within ${tool.timeoutMs} ms`)), { once: true });
  });
  timedOut.catch(() => undefined);
  try {
    const working = (async () => tool.execute(args, { ...facts, idempotencyKey: callKey, signal, attempt }))();
    return { type: 'result', result: await Promise.race([working, timedOut]) };
  } catch (error) {
    const thrown = { message: thrownMessage(error), error: thrownError(error) };
    // Its message is for the model, and goes there as the tool wrote it.
    if (isToolFailed(error)) return { ...thrown, type: 'failed', message: error.message };
    return { type: isNotExecuted(error) ? 'not-executed' : 'threw', ...thrown };
  }
}

/** The output of any result: the effect has happened, so a result that is not JSON is no failure. */
function outputOf(run: ToolRun, result: unknown): EffectOutput {
  try {
    return run.output(wellFormed(JSON.parse(JSON.stringify(result ?? null)) as Json));
  } catch (error) {
    return {
      text: resultOutput(
        `"${run.tool.name}" was carried out, but its result cannot be written as JSON: ${(error as Error).message}`,
      ),
    };
  }
}

function keepsFailing(tool: string, last: string, cause: Error | undefined): Error {
  return failure(
    'ToolKeepsFailing',
    `"${tool}" failed ${mostAttempts} times. Last: ${last}. Fix it, then retry the run.`,
    { cause },
  );
}
