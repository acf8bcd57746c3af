import { inScope, inSpan } from '@holdpoint/process';
import { Context } from '@temporalio/activity';
import { parseCallKey } from '../domain/call-key.ts';
import type { RunActivities, Traced } from '../domain/activities.ts';
import type { ReconcileActivities } from '../domain/reconcile.ts';
import { runTraceIn } from '../domain/run-trace.ts';
import type { Assistant } from '../assistant/assistant.ts';
import { modelOf } from './metered.ts';
import type { ModelSurface } from './ports.ts';

type Activities = RunActivities & ReconcileActivities;

/**
 * The Activities, in the trace and under the request id that started their run. A turn is a span `invoke_agent`, a request
 * for a decision a span `request_approval`. What takes part in no request has no span.
 */
export function tracedActivities(activities: Activities): Activities {
  return {
    takeTurn: scoped((input) =>
      inSpan(
        {
          name: `invoke_agent ${input.assistant}`,
          attributes: {
            'gen_ai.operation.name': 'invoke_agent',
            'gen_ai.agent.name': input.assistant,
            ...ofRun(),
            'holdpoint.turn': input.turn,
          },
        },
        async (span) => {
          const result = await activities.takeTurn(input);
          if (result.outcome.type === 'calls')
            span.setAttribute(
              'holdpoint.tool.call.ids',
              result.outcome.calls.map(({ callId }) => callId),
            );
          return result;
        },
      ),
    ),
    requestApproval: scoped((input) =>
      inSpan(
        {
          name: `request_approval ${input.call.tool}`,
          kind: 'client' as const,
          attributes: { ...ofCall(input.call), ...ofRun(), 'holdpoint.request.number': input.number },
        },
        async (span) => {
          const result = await activities.requestApproval(input);
          if (result.id !== undefined) span.setAttribute('holdpoint.approval.id', result.id);
          return result;
        },
      ),
    ),
    settleToolCall: scoped((input) => activities.settleToolCall(input)),
    withdrawApproval: scoped((input) => activities.withdrawApproval(input)),
    answerQuestions: scoped((input) => activities.answerQuestions(input)),
    reconcile: (input) => activities.reconcile(input),
  };
}

/** The surface of an assistant, with a span `chat` for each request to the model. */
export function tracedSurface(
  surfaceOf: (assistant: Assistant) => ModelSurface,
): (assistant: Assistant) => ModelSurface {
  return (assistant) => {
    const surface = surfaceOf(assistant);
    const span = {
      name: `chat ${modelOf(assistant)}`,
      kind: 'client' as const,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': modelOf(assistant),
        'gen_ai.agent.name': assistant.name,
      },
    };
    return {
      takeTurn: (request) =>
        inSpan({ ...span, attributes: { ...span.attributes, ...ofRun() } }, async (chat) => {
          const reply = await surface.takeTurn(request);
          const finish = reply.outcome.type === 'calls' ? 'tool_calls' : 'stop';
          chat.setAttribute('gen_ai.response.finish_reasons', [finish]);
          return reply;
        }),
      answerAside: (request) =>
        inSpan({ ...span, attributes: { ...span.attributes, ...ofRun() } }, () => surface.answerAside(request)),
    };
  };
}

/** The attributes of a tool call. `gen_ai.tool.call.id` joins its spans with the turn that asked for it. */
export function ofCall({ key, tool }: { key: string; tool: string }): Record<string, string> {
  const callId = parseCallKey(key)?.callId;
  return {
    'gen_ai.tool.name': tool,
    'gen_ai.tool.type': 'function',
    ...(callId !== undefined && { 'gen_ai.tool.call.id': callId }),
    'holdpoint.call.key': key,
  };
}

/** The attributes of the present run and attempt. */
export function ofRun(): Record<string, string | number> {
  const { workflowExecution, attempt } = Context.current().info;
  return { 'gen_ai.conversation.id': workflowExecution?.workflowId ?? '', 'holdpoint.attempt': attempt };
}

function scoped<Input extends Traced, Result>(act: (input: Input) => Promise<Result>) {
  return (input: Input): Promise<Result> => inScope(runTraceIn(input.trace), () => act(input));
}
