import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/context.ts';
import { Envelopes } from '../../src/signing/envelope.ts';
import type { ApprovalRequests } from '../../src/activities/ports.ts';
import { type ReviewAnswer, ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { createRequestApproval } from '../../src/activities/request-approval.ts';
import type { RequestApprovalInput, RequestedApproval } from '../../src/domain/activities.ts';
import { callKey } from '../../src/domain/call-key.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { askingTool } from '../support/tools.ts';

const firstRunId = 'first-run';
const heartbeatTimeoutMs = 10_000;
const input: RequestApprovalInput = {
  assistant: 'comms',
  context: null,
  number: 1,
  kind: 'call',
  conversation: null,
  arguments: { type: 'inline', value: { to: 'all', count: 20 } },
  call: {
    key: callKey({ firstRunId, turn: 1, position: 0, callId: 'call_1' }),
    callId: 'call_1',
    tool: 'send_mail',
    arguments: { type: 'inline', value: { to: 'all', count: 20 } },
  },
};

type Step = 'list' | 'open' | 'request';

/** Runs the Activity. In the step `frozenIn` the clock jumps beyond the heartbeat timeout, as in a frozen process. */
function attempt({
  frozenIn,
  cancelledIn,
  answers = async () => ({ id: 'req_1', status: 'pending', reviewUrl: null }) as ReviewAnswer,
}: {
  frozenIn?: Step;
  cancelledIn?: Step;
  answers?: () => Promise<ReviewAnswer>;
}) {
  const did: string[] = [];
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs }, { logger: new DefaultLogger('ERROR') });
  const step = (name: Step): void => {
    did.push(name);
    if (name === frozenIn) vi.setSystemTime(Date.now() + heartbeatTimeoutMs + 1000);
    if (name === cancelledIn) environment.cancel();
  };
  const requests: ApprovalRequests = {
    list: async () => (step('list'), []),
    open: async () => (step('open'), 'opened'),
    answered: async () => void did.push('answered'),
    abandon: async () => void did.push('abandon'),
  };
  const service: ReviewService = {
    capabilities: async () => ({ idempotency: true, withdraw: true, pause: true }),
    paused: async () => null,
    decisions: async () => ({ type: 'no-feed' }),
    openQuestions: async () => ({ questions: [], cursor: null }),
    answerQuestion: () => Promise.reject(new Error('nothing is answered here')),
    request: () => (step('request'), answers()),
    read: () => Promise.reject(new Error('nothing is read here')),
    readRecord: () => Promise.reject(new Error('nothing is read here')),
    close: () => Promise.reject(new Error('nothing is closed here')),
  };
  const dependencies = {
    config: defineConfig({ assistants: [defineAssistant({ name: 'comms', model: 'none', tools: [askingTool()] })] }),
    review: () => service,
    requests,
    envelopes: new Envelopes(['a secret of thirty-two characters']),
    runs: { firstRunId: async () => firstRunId },
    callbackUrl: () => undefined,
    workflowUrl: () => undefined,
    now: Date.now,
  };
  const asking = createRequestApproval(dependencies as unknown as ActivityDependencies);
  const asked = environment.run<[RequestApprovalInput], RequestedApproval, typeof asking>(asking, input);
  return { asked, did };
}

const notSent = () => Promise.reject(new ReviewFailure('unavailable', 'away', { sent: false }));

describe('requestApproval', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('first attempt: records the request, sends it, and records the answer', async () => {
    const { asked, did } = attempt({});
    expect(await asked).toMatchObject({ number: 1, status: 'pending', id: 'req_1' });
    expect(did).toEqual(['list', 'open', 'request', 'answered']);
  });

  it('frozen before the request is recorded: AttemptTooOld, nothing is sent', async () => {
    const { asked, did } = attempt({ frozenIn: 'list' });
    await expect(asked).rejects.toMatchObject({ type: 'AttemptTooOld', nonRetryable: false });
    expect(did).toEqual(['list']);
  });

  it('frozen while the request is recorded: AttemptTooOld, nothing is sent, the record stays', async () => {
    const { asked, did } = attempt({ frozenIn: 'open' });
    await expect(asked).rejects.toMatchObject({ type: 'AttemptTooOld', nonRetryable: false });
    expect(did).toEqual(['list', 'open']);
  });

  it.each(['list', 'open'] as const)(
    'cancelled before the request is sent (in %s): nothing is sent',
    async (cancelledIn) => {
      const { asked, did } = attempt({ cancelledIn });
      await expect(asked).rejects.toThrow(CancelledFailure);
      expect(did).toEqual(cancelledIn === 'list' ? ['list'] : ['list', 'open']);
    },
  );

  it('cancelled while the request is sent: records the answer, so that it can be withdrawn', async () => {
    const { asked, did } = attempt({ cancelledIn: 'request' });
    expect(await asked).toMatchObject({ id: 'req_1' });
    expect(did).toEqual(['list', 'open', 'request', 'answered']);
  });

  it('request certainly not sent: the record is deleted', async () => {
    const { asked, did } = attempt({ answers: notSent });
    await expect(asked).rejects.toMatchObject({ type: 'ReviewUnavailable' });
    expect(did).toEqual(['list', 'open', 'request', 'abandon']);
  });

  it('frozen while the request fails: the record stays, since a later attempt may have sent it', async () => {
    const { asked, did } = attempt({ frozenIn: 'request', answers: notSent });
    await expect(asked).rejects.toMatchObject({ type: 'ReviewUnavailable' });
    expect(did).toEqual(['list', 'open', 'request']);
  });

  it('frozen while the request is sent and answered: records the answer', async () => {
    const { asked, did } = attempt({ frozenIn: 'request' });
    expect(await asked).toMatchObject({ id: 'req_1' });
    expect(did).toEqual(['list', 'open', 'request', 'answered']);
  });
});
