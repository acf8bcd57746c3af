import { ModelFailure } from '../../../domain/model-failure.ts';
import type { AssistantRun, AssistantsTurn } from './assistants-turn.ts';
import { shortened } from './carried-outcomes.ts';
import { endRun, followRun } from './follow-run.ts';
import { isSubmitRefused } from './refusals.ts';

type Outputs = ReadonlyArray<{ callId: string; output: string }>;

/** `expires_at` is the server's time: so long before it by our clock, a run counts as expired. */
const expiryMarginMs = 60_000;
/** OpenAI names no limit for one output. */
const longestOutput = 256_000;
const mostTries = 3;

/** Where a waiting run got to. `lost`: it has ended without these outputs, or nobody knows with which. */
export type Submitted = { type: 'went on'; run: AssistantRun } | { type: 'lost'; run: AssistantRun };

/**
 * Hands all outputs to the run that waits for them, in one request and one time, and follows it. An attempt before this
 * one may have done so already and lost the reply, the run may have ended, or somebody else may have answered it.
 */
export async function submitOutputs(turn: AssistantsTurn, waiting: AssistantRun, outputs: Outputs): Promise<Submitted> {
  let submitted = false;
  let run = waiting;
  for (let tries = 0; tries < mostTries; tries += 1) {
    run = await followRun(turn, run);
    // What failed with these outputs in it is told as it is; a next attempt finds the run over and starts another.
    if (submitted && run.status !== 'expired' && run.status !== 'cancelled') return { type: 'went on', run };
    if (isOver(run)) return { type: 'lost', run };
    if (run.status !== 'requires_action' || !asksFor(run, outputs)) return await readTaken(turn, run, outputs);
    if (expiresSoon(turn, run)) return { type: 'lost', run: await endRun(turn, run) };
    ({ run, submitted } = await submit(turn, run, outputs));
  }
  throw new ModelFailure(
    'ModelUnavailable',
    `The run ${run.id} refuses outputs and goes on asking for them. The turn is tried again.`,
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

/** Ended otherwise than with an answer. */
function isOver({ status }: AssistantRun): boolean {
  return ['expired', 'cancelled', 'failed', 'incomplete'].includes(status);
}

/** A run that took some outputs without this attempt: another attempt's, which are these, or somebody else's. */
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

/** Whether a run that went on by itself has these very outputs in its steps. A step that shows no outputs says nothing against it. */
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
