import { expect, it } from 'vitest';
import { call, message } from '../../support/odd-model-server.ts';
import { runForTest, standInForTest } from './surface-for-test.ts';

it('conversation accepted and ignored → ModelRequestRefused, which names the option; never an answer to a lone output', async () => {
  const standIn = await standInForTest();
  let answers = 0;
  /** The conversations of the stand-in, and a model that knows nothing of them from its second answer on. */
  const odd: typeof fetch = async (input, init) => {
    if (init?.method !== 'POST' || !String(input instanceof Request ? input.url : input).endsWith('/responses'))
      return await fetch(input, init);
    answers += 1;
    const { conversation } = JSON.parse(init.body as string) as { conversation?: string };
    return Response.json({
      id: `resp_${answers}`,
      status: 'completed',
      output: [answers === 1 ? call() : message('Done.')],
      conversation: answers === 1 ? { id: conversation } : null,
    });
  };
  const run = await runForTest(standIn.url, { conversation: 'run' }, { fetch: odd });
  await run.take('Refund.');
  await expect(run.answer('ok')).rejects.toMatchObject({
    type: 'ModelRequestRefused',
    message: expect.stringContaining('accepts `conversation` and ignores it') as unknown,
  });
});
