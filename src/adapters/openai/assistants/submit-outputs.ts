import { ModelFailure } from '../../../domain/model-failure.ts';
import type { AssistantRun, AssistantsTurn } from './assistants-turn.ts';
import { shortened } from './carried-outcomes.ts';
import { endRun, followRun } from './follow-run.ts';
import { isSubmitRefused } from './refusals.ts';

type Outputs = ReadonlyArray<{ callId: string; output: string }>;

/** `expires_at` is on the server's clock. A run counts as expired this long before it on the local clock. */
const expiryMarginMs = 60_000;
/** OpenAI documents no limit for one output. */
const longestOutput = 256_000;
const mostTries = 3;

/** The result of a submit. `lost`: the run has ended without these outputs, or with unknown ones. */
export type Submitted = { type: 'went on'; run: AssistantRun } | { type: 'lost'; run: AssistantRun };

/**
 * Submits all outputs to the waiting run in one request, once, and follows the run. An earlier attempt may have
 * submitted them and lost the reply, the run may have ended, or another client may have answered it.
 */
export async function submitOutputs(turn: AssistantsTurn, waiting: AssistantRun, outputs: Outputs): Promise<Submitted> {
  let submitted = false;
  let run = waiting;
  for (let tries = 0; tries < mostTries; tries += 1) {
    run = await followRun(turn, run);
    // A run that failed with these outputs is reported as failed. The next attempt starts another.
    if (submitted && run.status !== 'expired' && run.status !== 'cancelled') return { type: 'went on', run };
    if (isOver(run)) return { type: 'lost', run };
    if (run.status !== 'requires_action' || !asksFor(run, outputs)) return await readTaken(turn, run, outputs);
    if (expiresSoon(turn, run)) return { type: 'lost', run: await endRun(turn, run) };
    ({ run, submitted } = await submit(turn, run, outputs));
  }
  throw new ModelFailure(
    'ModelUnavailable',
    `The run ${run.id} refuses outputs and still asks for them. The turn is retried.`,
  );
}

async function submit(
  { client, request }: AssistantsTurn,
  run: AssistantRun,
  outputs: Outputs,
): Promise<{ run: AssistantRun; submitted: boolean }> {
  const at = { thread_id: run.thread_id };
  try {
    const tool_outputs = outputs.map(({ callId, output }) => ({
      tool_call_id: callId,
      output: shortened(output, longestOutput),
    }));
    return {
      run: await client.beta.threads.runs.submitToolOutputs(
        run.id,
        { ...at, tool_outputs },
        { signal: request.signal },
      ),
      submitted: true,
    };
  } catch (error) {
    if (!isSubmitRefused(error)) throw error;
    return { run: await client.beta.threads.runs.retrieve(run.id, at, { signal: request.signal }), submitted: false };
  }
}

/** True if the run has ended without an answer. */
function isOver({ status }: AssistantRun): boolean {
  return ['expired', 'cancelled', 'failed', 'incomplete'].includes(status);
}

/** A run that got outputs before this attempt: these ones from an earlier attempt, or another client's. */
async function readTaken(turn: AssistantsTurn, run: AssistantRun, outputs: Outputs): Promise<Submitted> {
  if (await tookOurs(turn, run, outputs)) return { type: 'went on', run };
  return { type: 'lost', run: run.status === 'requires_action' ? await endRun(turn, run) : run };
}

function asksFor({ required_action: action }: AssistantRun, outputs: Outputs): boolean {
  const asked = new Set(action?.submit_tool_outputs.tool_calls.map(({ id }) => id));
  return asked.size > 0 && asked.size === outputs.length && outputs.every(({ callId }) => asked.has(callId));
}

function expiresSoon({ now }: AssistantsTurn, { expires_at: expiresAt }: AssistantRun): boolean {
  return typeof expiresAt === 'number' && now() >= expiresAt * 1000 - expiryMarginMs;
}

/** True if the steps of a run contain these outputs. Steps without outputs are skipped. */
async function tookOurs({ client, request }: AssistantsTurn, run: AssistantRun, outputs: Outputs): Promise<boolean> {
  const ours = new Map(outputs.map(({ callId, output }) => [callId, shortened(output, longestOutput)]));
  for await (const { step_details: details } of client.beta.threads.runs.steps.list(
    run.id,
    { thread_id: run.thread_id, limit: 100 },
    { signal: request.signal },
  )) {
    if (details.type !== 'tool_calls') continue;
    for (const call of details.tool_calls) {
      if (call.type !== 'function' || typeof call.function.output !== 'string') continue;
      const own = ours.get(call.id);
      if (own !== undefined && own !== call.function.output) return false;
    }
  }
  return true;
}
