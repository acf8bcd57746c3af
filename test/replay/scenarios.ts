import { ReviewFailure } from '@holdpoint/cheqpoint';
import { z } from 'zod';
import { callKey } from '../../src/domain/call-key.ts';
import type { UserMessage, WhenWaiting } from '../../src/domain/user-message.ts';
import { decidedSignal, messageSignal, retrySignal } from '../../src/domain/wire-names.ts';
import { ModelFailure } from '../../src/domain/model-failure.ts';
import { defineTool, type Tool } from '../../src/index.ts';
import { signInReviewer } from '@holdpoint/review-server/contract';
import type { RunStack, StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { until } from '../support/until.ts';

const parameters = z.object({ to: z.string(), count: z.number().int().positive() });
const mail = { to: 'customers', count: 500 };
let quotaLeft = false;

/** The tools of the recorded runs. */
export function recordedTools(): Tool[] {
  const base = {
    description: 'Sends mail.',
    parameters,
    effect: 'idempotent' as const,
    execute: ({ count }: { count: number }) => ({ sent: count }),
  };
  return [
    defineTool({ ...base, name: 'send_mail', review: { when: ({ count }: { count: number }) => count > 10 } }),
    defineTool({ ...base, name: 'send_soon', review: { expiresIn: 500 } }),
    defineTool({ ...base, name: 'send_by_rule', review: 'always' }),
    defineTool({
      ...base,
      name: 'send_once',
      effect: 'at-most-once',
      review: 'always',
      execute: () => {
        throw new Error('the connection broke');
      },
    }),
  ];
}

/** Decides all requests of this tool at once. */
export const recordedRules = [
  {
    name: 'routine',
    conditions: [{ field: 'action', operator: 'is' as const, value: 'send_by_rule' }],
    decision: 'approve' as const,
  },
];

/** The events of one recorded run. It must have ended or wait when this resolves. */
export type Scenario = { name: string; play: (stack: RunStack) => Promise<StartedRun> };

const ended = async (run: StartedRun): Promise<StartedRun> => {
  await run.result().catch(() => undefined);
  return run;
};
const ask = (stack: RunStack, more: { expiresInMs?: number } = {}) =>
  stack.start([], {
    assistant: '(none)',
    input: { type: 'inline', value: mail },
    approval: { action: 'send_mail', summary: 'Mail all customers', ...more },
  });
/** Says something to the run. The same text is the same message. */
export const say = (run: StartedRun, text: string, whenWaiting: WhenWaiting = 'queue') =>
  run.signal(messageSignal, {
    id: text,
    digest: text,
    text: { type: 'inline', value: text },
    whenWaiting,
  } satisfies UserMessage);
const state = (run: StartedRun, wanted: string) =>
  until(`the run is ${wanted}`, async () => (await run.view()).state === wanted);
const newer = (run: StartedRun, before: string) =>
  until('it is asked again', async () => {
    const id = await run.approval();
    return id !== before && id;
  });

export const scenarios: Scenario[] = [
  {
    name: 'approved',
    play: async (stack) => {
      const run = await stack.start([calling(call('send_mail', mail, 'call_1')), answering('sent')]);
      await run.decide(await run.approval(), { decision: 'approve', note: 'Verified maintenance window scheduled.' });
      return await ended(run);
    },
  },
  {
    // Its request is a local Activity, unlike those of the histories that were recorded before.
    name: 'requested-locally',
    play: async (stack) => {
      const run = await stack.start([calling(call('send_mail', mail, 'call_1')), answering('sent')]);
      await run.decide(await run.approval(), { decision: 'approve' });
      return await ended(run);
    },
  },
  {
    name: 'requested-after-an-outage',
    play: async (stack) => {
      await stack.stopWorkers();
      const { review } = stack.dependencies;
      let isAway = true;
      await stack.startWorker({
        review: (requester) => {
          const service = review(requester);
          return {
            ...service,
            request: (request) => {
              if (!isAway) return service.request(request);
              isAway = false;
              return Promise.reject(new ReviewFailure('unavailable', 'The service is away.', { sent: false }));
            },
          };
        },
      });
      const run = await stack.start([calling(call('send_mail', mail, 'call_1')), answering('sent')]);
      await run.decide(await run.approval(), { decision: 'approve' });
      await run.result();
      await stack.redeploy();
      return run;
    },
  },
  {
    name: 'edited',
    play: async (stack) => {
      const run = await stack.start([calling(call('send_mail', mail, 'call_1')), answering('sent to fewer')]);
      await run.decide(await run.approval(), { decision: 'approve', modifiedDetails: { ...mail, count: 50 } });
      return await ended(run);
    },
  },
  {
    name: 'rejected',
    play: async (stack) => {
      const again = [1, 2, 3].map((turn) => calling(call('send_mail', mail, `call_${turn}`)));
      const run = await stack.start([...again, answering('not sent')]);
      const first = await run.approval();
      await run.decide(first, { decision: 'reject', note: 'Not today' });
      await run.decide(await newer(run, first), { decision: 'reject' });
      return await ended(run);
    },
  },
  {
    name: 'expired',
    play: async (stack) =>
      await ended(await stack.start([calling(call('send_soon', mail, 'call_1')), answering('too late')])),
  },
  {
    name: 'cancelled',
    play: async (stack) => {
      const run = await stack.start([calling(call('send_mail', mail, 'call_1'))]);
      await run.approval();
      await run.cancel();
      return await ended(run);
    },
  },
  {
    name: 'decided-at-once',
    play: async (stack) =>
      await ended(await stack.start([calling(call('send_by_rule', mail, 'call_1')), answering('sent')])),
  },
  {
    name: 'parallel-mixed',
    play: async (stack) => {
      const run = await stack.start([
        calling(
          call('send_mail', mail, 'call_1'),
          call('send_mail', { to: 'bob', count: 1 }, 'call_2'),
          call('send_fax', {}, 'call_3'),
          call('send_mail', { to: 'all', count: 99 }, 'call_4'),
        ),
        answering('some sent'),
      ]);
      const first = await run.approval();
      await until(
        'both wait',
        async () => (await run.view()).calls.filter((each) => each.state === 'waiting').length === 2,
      );
      await run.decide(first, { decision: 'approve' });
      await run.decide(await newer(run, first), { decision: 'reject' });
      return await ended(run);
    },
  },
  {
    name: 'early-news',
    play: async (stack) => {
      const key = (firstRunId: string) => callKey({ firstRunId, turn: 1, position: 0, callId: 'call_1' });
      const run: { current?: StartedRun } = {};
      const told = async ({ firstRunId }: { firstRunId: string }) => {
        await (
          await until('the run is known', () => run.current)
        ).signal(decidedSignal, { callKey: key(firstRunId), request: 1 });
        return calling(call('send_mail', mail, 'call_1'), call('send_mail', { to: 'bob', count: 1 }, 'call_2'));
      };
      run.current = await stack.start([told, answering('sent')]);
      const id = await run.current.approval();
      await run.current.signal(decidedSignal, { approvalId: id });
      await until(
        'two looks were for nothing',
        async () => (await run.current?.events())?.filter((event) => event === 'EVENT_TYPE_TIMER_STARTED').length,
      );
      await run.current.decide(id, { decision: 'approve' });
      return await ended(run.current);
    },
  },
  {
    name: 'quota-parked',
    play: async (stack) => {
      quotaLeft = false;
      const refusing = () => {
        if (!quotaLeft) throw new ModelFailure('QuotaExhausted', 'No quota left.');
        return answering('here I am again');
      };
      const run = await stack.start([calling(call('send_mail', { to: 'bob', count: 1 }, 'call_1')), refusing]);
      await state(run, 'parked');
      quotaLeft = true;
      await run.signal(retrySignal);
      return await ended(run);
    },
  },
  {
    name: 'assistant-paused',
    play: async (stack) => {
      const { client } = await signInReviewer(stack.reviewServer.url, 'rita', 'a good password');
      const pause = (paused: boolean) =>
        client.call('PUT /assistants/{name}', { path: { name: 'tester' }, body: { paused } });
      const run = await stack.start([calling(call('send_mail', mail, 'call_1')), answering('sent at last')]);
      const id = await run.approval();
      await stack.stopWorkers();
      await run.decide(id, { decision: 'approve' });
      await pause(true);
      await stack.startWorker();
      await until('the call is held', async () => (await run.view()).calls[0]?.paused);
      await pause(false);
      return await ended(run);
    },
  },
  {
    name: 'unknown-outcome',
    play: async (stack) => {
      const run = await stack.start([calling(call('send_once', mail, 'call_1')), answering('so it is')]);
      const first = await run.approval();
      await run.decide(first, { decision: 'approve' });
      await run.decide(await newer(run, first), { decision: 'happened', note: 'It is in the log.' });
      return await ended(run);
    },
  },
  {
    name: 'asked-approved',
    play: async (stack) => {
      const run = await ask(stack);
      const id = await run.approval();
      await run.signal(decidedSignal, { approvalId: id });
      await run.decide(id, { decision: 'approve', modifiedDetails: { ...mail, count: 50 } });
      return await ended(run);
    },
  },
  { name: 'asked-expired', play: async (stack) => await ended(await ask(stack, { expiresInMs: 500 })) },
  {
    name: 'asked-cancelled',
    play: async (stack) => {
      const run = await ask(stack);
      await run.approval();
      await run.cancel();
      return await ended(run);
    },
  },
  {
    name: 'message-queued',
    play: async (stack) => {
      const late = async ({ runId }: { runId: string }) => {
        await say(stack.attach(runId), 'And one more thing.');
        return answering('sent');
      };
      const run = await stack.start([calling(call('send_mail', mail, 'call_1')), late, answering('and that')]);
      const id = await run.approval();
      await say(run, 'Please hurry.');
      await say(run, 'Please hurry.');
      await run.decide(id, { decision: 'approve' });
      return await ended(run);
    },
  },
  {
    name: 'message-superseded',
    play: async (stack) => {
      const run = await stack.start([
        calling(call('send_mail', mail, 'call_1'), call('send_mail', { to: 'bob', count: 1 }, 'call_2')),
        answering('not sent'),
      ]);
      await run.approval();
      await say(run, 'Do not send it.', 'supersede');
      return await ended(run);
    },
  },
  {
    name: 'continued',
    play: async (stack) => {
      const first = await ended(await stack.start([answering('hello')]));
      return await ended(
        await stack.start([calling(call('send_mail', { to: 'bob', count: 1 }, 'call_1')), answering('sent')], {
          continueFrom: first.id,
        }),
      );
    },
  },
  {
    name: 'question-answered',
    play: async (stack) => {
      const run = await stack.start([calling(call('send_mail', mail, 'call_1')), answering('sent')]);
      const id = await run.approval();
      const { client } = await signInReviewer(stack.reviewServer.url, 'rita', 'a good password');
      const path = { id };
      for (const text of ['Which customers?', 'Who wrote the text?'])
        await client.call('POST /approvals/{id}/questions', { path, body: { text } });
      // The scripted model keeps no transcript to ask it from: the reviewer reads the reason instead of an answer.
      await until('both are answered', async () => {
        const { questions } = await client.call('GET /approvals/{id}', { path });
        return questions.length === 2 && questions.every(({ answeredAt }) => answeredAt !== null);
      });
      await run.decide(id, { decision: 'approve' });
      return await ended(run);
    },
  },
  {
    name: 'still-waiting',
    play: async (stack) => {
      const run = await stack.start([calling(call('send_mail', mail, 'call_1'))]);
      await run.approval();
      return run;
    },
  },
];
