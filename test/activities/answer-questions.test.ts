import type { ReviewAnswer, ReviewService } from '@holdpoint/cheqpoint';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { createAnswerQuestions } from '../../src/activities/answer-questions.ts';
import type { ActivityDependencies } from '../../src/activities/context.ts';
import type { AsideRequest, TranscriptEntry } from '../../src/activities/ports.ts';
import type { AnswerQuestionsInput, RunActivities } from '../../src/domain/activities.ts';
import { callKey } from '../../src/domain/call-key.ts';
import { ModelFailure } from '../../src/domain/model-failure.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { Envelopes } from '../../src/signing/envelope.ts';

const firstRunId = 'first';
const key = callKey({ firstRunId, turn: 1, position: 0, callId: 'call_1' });
const envelopes = new Envelopes(['a secret of thirty-two characters']);

/** A call with one open question. `model`: answers, or throws. */
function world(model: () => string, sealedFor = key) {
  const environment = new MockActivityEnvironment();
  const { workflowExecution } = environment.context.info;
  const runId = workflowExecution!.workflowId;
  const asked: AsideRequest[] = [];
  const posted: unknown[] = [];
  const envelope = {
    callKey: sealedFor,
    assistant: 'comms',
    tool: 'send_mail',
    definition: 'd',
    kind: 'call' as const,
    number: 1,
    risk: 'medium' as const,
    deadline: null,
    context: null,
    because: null,
    justificationFrom: null,
  };
  const question = {
    id: 'q1',
    text: 'Who?',
    askedBy: 'rita',
    askedAt: '2026-11-22T10:00:00.000Z',
    answer: null,
    problem: null,
    answeredAt: null,
  };
  const service = {
    read: async () =>
      ({ status: 'pending', details: envelopes.seal(envelope, { to: 'ada' }), questions: [question] }) as ReviewAnswer,
    answerQuestion: async (_id, answer) => {
      posted.push(answer);
      return { ...question, answeredAt: '2026-11-22T10:00:01.000Z' };
    },
  } satisfies Partial<ReviewService>;
  const entry = {
    id: 'entry',
    runId,
    firstRunId,
    turn: 1,
    state: {},
    received: [{ type: 'function_call', call_id: 'call_1', name: 'send_mail' }],
  } as unknown as TranscriptEntry;
  const dependencies = {
    config: defineConfig({ assistants: [defineAssistant({ name: 'comms', model: 'none', tools: [] })] }),
    review: () => service as unknown as ReviewService,
    requests: { list: async () => [{ id: 'req_1' }] },
    runs: { firstRunId: async () => firstRunId },
    transcripts: { get: async () => entry },
    envelopes,
    surface: () => ({
      answerAside: async (aside: AsideRequest) => {
        asked.push(aside);
        return model();
      },
    }),
  } as unknown as ActivityDependencies;
  const activity = createAnswerQuestions(dependencies);
  const input: AnswerQuestionsInput = {
    assistant: 'comms',
    call: { key, callId: 'call_1', tool: 'send_mail', arguments: { type: 'inline', value: {} } },
    conversation: { entry: 'entry', digest: 'd', bytes: 1, surface: {} },
  };
  const run = (changed: Partial<AnswerQuestionsInput> = {}) =>
    environment.run<[AnswerQuestionsInput], Awaited<ReturnType<RunActivities['answerQuestions']>>, typeof activity>(
      activity,
      { ...input, ...changed },
    );
  return { asked, posted, run, environment };
}

describe('answerQuestions', () => {
  it('open question → the model gets it as the output of the call, its text is posted', async () => {
    const { asked, posted, run } = world(() => ' Ada. ');
    expect(await run()).toEqual({ asked: 1, open: 0 });
    expect(asked[0]!.outputs).toEqual([{ callId: 'call_1', output: expect.stringContaining('Question: "Who?"') }]);
    expect(posted).toEqual([{ question: 'q1', answer: 'Ada.' }]);
  });

  it('request sealed for another call → not asked, not answered', async () => {
    const { asked, posted, run } = world(() => 'Ada.', callKey({ firstRunId, turn: 2, position: 0, callId: 'x' }));
    expect(await run()).toEqual({ asked: 0, open: 0 });
    expect([asked, posted]).toEqual([[], []]);
  });

  it('standalone approval → the counts only, its program answers', async () => {
    const { asked, posted, run } = world(() => 'Ada.');
    expect(await run({ conversation: null })).toEqual({ asked: 1, open: 1 });
    expect([asked, posted]).toEqual([[], []]);
  });

  it.each([
    ['no text', () => '  ', { problem: 'The model answered without a text.' }],
    ['10,000 characters', () => 'x'.repeat(10_000), { answer: `${'x'.repeat(7_998)} …` }],
    [
      'a refused request',
      () => {
        throw new ModelFailure('ModelBlocked', 'A filter refused it.');
      },
      { problem: 'ModelBlocked: A filter refused it.' },
    ],
  ])('model gives %s → posted as such, nothing fails', async (_name, model, given) => {
    const { posted, run } = world(model);
    await run();
    expect(posted).toEqual([{ question: 'q1', ...given }]);
  });

  it('model unreachable → retried, then “not answered”', async () => {
    const { posted, run, environment } = world(() => {
      throw new ModelFailure('ModelUnavailable', 'It is away.');
    });
    await expect(run()).rejects.toMatchObject({ type: 'ModelUnavailable', nonRetryable: false });
    expect(posted).toEqual([]);
    Object.assign(environment.context.info, { attempt: 4 });
    await run();
    expect(posted).toEqual([{ question: 'q1', problem: 'ModelUnavailable: It is away.' }]);
  });
});
