import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '../../src/adapters/openai/responses/response-object.ts';
import { outputs } from '../../src/domain/outputs.ts';
import { startStandInStack, type StandInStack, type StandInStackOptions } from '../support/stand-in-stack.ts';
import { mailTool } from '../support/tools.ts';

const ways: Array<[string, StandInStackOptions]> = [
  ['chained', { api: 'responses' }],
  ['replayed', { api: 'responses', assistant: { store: false } }],
  ['in a thread', { api: 'assistants' }],
];
const send = (to: string, count: number) => ({ name: 'send_mail', arguments: { to, count } });

describe.each(ways)('continueFrom a failed run, %s', (_way, options) => {
  const { tool, ran } = mailTool();
  let stack: StandInStack;
  beforeAll(async () => {
    stack = await startStandInStack([tool], options);
  });
  afterAll(() => stack.stop());

  it('ended by a filter after an effect → the model gets the outcome, nothing runs twice', async () => {
    const failed = await stack.start([
      { calls: [send('once', 1)] },
      { incomplete: 'content_filter' },
      { text: 'Good.' },
    ]);
    await expect(failed.result()).rejects.toMatchObject({ cause: { type: 'ModelBlocked' } });
    const next = await stack.holdpoint.runs.create({ continueFrom: failed.id, input: 'Where were we?' });
    const { conversation } = await stack.attach(next.id).result();
    expect(ran.filter(({ args }) => args['to'] === 'once')).toHaveLength(1);
    const entries = (await stack.database.transcripts.read(conversation?.entry ?? '')) ?? [];
    const told = (entries.at(-1)!.sent as Item[]).filter(({ type }) => type === 'function_call_output');
    expect(told.map(({ output }) => output)).toEqual(['{"sent":1}']);
  });

  it('ended with waiting calls → the model gets “not carried out”; repeats are reviewed', async () => {
    const failed = await stack.start(
      [{ calls: [send('few', 2)] }, { calls: [send('many', 500)] }, { calls: [send('many', 500)] }, { text: 'Good.' }],
      { maxTurns: 2 },
    );
    await expect(failed.result()).rejects.toMatchObject({ cause: { type: 'MaxTurnsExceeded' } });
    const next = await stack.holdpoint.runs.create({
      continueFrom: failed.id,
      input: 'call send_mail {"to":"many","count":500}',
    });
    const run = stack.attach(next.id);
    expect(ran.filter(({ args }) => args['to'] === 'many')).toEqual([]);
    await run.decide(await run.approval(), { decision: 'approve' });
    const { conversation } = await run.result();
    const entries = (await stack.database.transcripts.read(conversation?.entry ?? '')) ?? [];
    const told = entries.flatMap(({ sent }) => (sent as Item[]).flatMap(({ output }) => output ?? []));
    expect(told).toEqual(['{"sent":2}', outputs.runEnded, '{"sent":500}']);
    expect(ran.filter(({ args }) => args['to'] === 'many')).toHaveLength(1);
  });

  it('failed before the first answer → CannotContinue with the remedy', async () => {
    const failed = await stack.start([{ incomplete: 'content_filter' }]);
    await expect(failed.result()).rejects.toMatchObject({ cause: { type: 'ModelBlocked' } });
    const next = await stack.holdpoint.runs.create({ continueFrom: failed.id, input: 'And?' });
    await expect(stack.attach(next.id).result()).rejects.toMatchObject({
      cause: { type: 'CannotContinue', message: expect.stringContaining('before the model had answered') as unknown },
    });
  });
});
