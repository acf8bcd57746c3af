import { Context } from '@temporalio/activity';
import type { CallOutput, PlannedCall } from '../domain/tool-call.ts';
import type { RunActivities, TakeTurnInput, TurnResult } from '../domain/activities.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { agedOutput, outputs, resultOutput } from '../domain/outputs.ts';
import type { TurnInput } from '../domain/run.ts';
import type { Assistant } from '../assistant/assistant.ts';
import { checkArguments, parseArguments } from './arguments.ts';
import { digestOf } from './canonical-json.ts';
import { assistantNamed, factsOf, ownExecution, toolNamed, type ActivityDependencies } from './context.ts';
import { toTemporalFailure } from './failure.ts';
import { withHeartbeats } from './heartbeat.ts';
import { fromPayload, toPayload } from './payloads.ts';
import type { RequestedCall, TurnRequest } from './ports.ts';
import { Policy } from './review-policy.ts';

/** A result that waited this long for the other calls of its turn is sent with the time it was obtained. */
const agedAfterMs = 10 * 60 * 1000;

/**
 * One round trip with the model: sends the user's text or the outputs of the last turn, waits for an answer or tool
 * calls, and plans each call: run it, have it reviewed, or answer it at once.
 * @throws Model… and QuotaExhausted as the surface classifies them; UnknownAssistant; ConversationLost.
 */
export function createTakeTurn(dependencies: ActivityDependencies): RunActivities['takeTurn'] {
  const { config, surface, values, runs, now } = dependencies;

  return async ({ assistant: name, context, turn, conversation, input }: TakeTurnInput): Promise<TurnResult> => {
    const { workflowId, runId } = ownExecution();
    const { info, cancellationSignal } = Context.current();
    const assistant = assistantNamed(config, name);
    const firstRunId = await runs.firstRunId(workflowId, runId);
    let note = (info.heartbeatDetails ?? null) as JsonObject | null;
    let received = 0;
    const request: TurnRequest = {
      assistant,
      runId: workflowId,
      firstRunId,
      turn,
      conversation,
      input: await toSurfaceInput(input),
      signal: cancellationSignal,
      onDelta: (characters) => {
        received += characters;
      },
      resumeFrom: note?.['resume'] ? (note['resume'] as JsonObject) : null,
      checkpoint: async (resume) => {
        note = { resume };
        await runs.checkpoint(info.taskToken, note);
      },
    };
    try {
      const reply = await withHeartbeats(
        () => surface(assistant).takeTurn(request),
        () => ({ ...note, received }),
      );
      if (reply.outcome.type === 'answer') {
        const { text, refused } = reply.outcome;
        return { conversation: reply.conversation, maxTurns: assistant.maxTurns, outcome: { type: 'answer', output: await toPayload(text, values), ...(refused && { refused }) } };
      }
      const calls = await Promise.all(reply.outcome.calls.map((call) => plan(call, assistant, context)));
      return { conversation: reply.conversation, maxTurns: assistant.maxTurns, outcome: { type: 'calls', calls } };
    } catch (error) {
      throw toTemporalFailure(error);
    }
  };

  async function toSurfaceInput(input: TurnInput): Promise<TurnRequest['input']> {
    if (input.type === 'message') return { type: 'message', text: String(await fromPayload(input.text, values)) };
    return { type: 'outputs', outputs: await Promise.all(input.outputs.map(async (output) => ({ callId: output.callId, output: await outputText(output) }))) };
  }

  /** The text for the model; with its time where it has waited long for its siblings. */
  async function outputText({ output, result, obtainedAt }: CallOutput): Promise<string> {
    const text = resultOutput(await fromPayload(output, values));
    if (!result || now() - obtainedAt < agedAfterMs) return text;
    return agedOutput(result === 'json' ? (JSON.parse(text) as Json) : text, obtainedAt);
  }

  async function plan(call: RequestedCall, assistant: Assistant, context: Json): Promise<PlannedCall> {
    const tool = toolNamed(assistant, call.name);
    const parsed = parseArguments(call.arguments);
    const asWritten = parsed.ok ? parsed.value : call.arguments;
    const base = { kind: 'tool' as const, callId: call.callId, tool: call.name, timeoutMs: tool?.timeoutMs ?? 0 };
    const answer = async (output: string): Promise<PlannedCall> => ({
      ...base,
      arguments: await toPayload(asWritten, values),
      fingerprint: digestOf([call.name, asWritten]),
      plan: { type: 'answer', output },
    });

    if (call.answer !== undefined) return await answer(call.answer);
    if (!tool) return await answer(outputs.unknownTool(call.name, assistant.tools.map((each) => each.name)));
    if (!parsed.ok) return await answer(outputs.badArguments(call.name, 'arguments', parsed.message));
    const checked = await checkArguments(tool, parsed.value);
    if (!checked.ok) return await answer(outputs.badArguments(call.name, checked.path, checked.message));
    const review = await new Policy(tool, factsOf(assistant, context)).needsReview(checked.args);
    return {
      ...base,
      arguments: await toPayload(checked.args, values),
      fingerprint: digestOf([call.name, checked.args]),
      plan: { type: review ? 'review' : 'execute' },
    };
  }
}
