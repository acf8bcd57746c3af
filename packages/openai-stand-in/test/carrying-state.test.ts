import type OpenAI from 'openai';
import { toResponseInputItems } from 'openai/lib/responses/ResponseInputItems';
import { describe, expect, it } from 'vitest';
import { answer, apiErrorOf, callOf, startForTest, tool } from './start-for-test.ts';

const tools = [tool('refund', 'order')];
const ask = { model: 'gpt-5', tools, input: 'call refund {"order":"7"}' };
const THIRTY_DAYS = 30 * 24 * 60 * 60 * 1000;

function parentNotFound(id: string, status = 400) {
  return {
    status,
    type: 'invalid_request_error',
    code: 'previous_response_not_found',
    param: 'previous_response_id',
    message: `${status} Previous response with id '${id}' not found.`,
  };
}

describe('previous_response_id', () => {
  it('unknown response → refused', async () => {
    const { openai } = await startForTest();
    expect(await apiErrorOf(openai.responses.create({ ...ask, previous_response_id: 'resp_made_up' }))).toMatchObject(
      parentNotFound('resp_made_up'),
    );
  });

  it.each<[string, (standIn: Awaited<ReturnType<typeof startForTest>>, id: string) => unknown]>([
    ['was deleted', ({ openai }, id) => openai.responses.delete(id)],
    ['is older than 30 days', ({ control }) => control.advanceClock(THIRTY_DAYS)],
    ['was forgotten on demand', ({ control }) => control.fault({ kind: 'forget_parent' })],
  ])('response that %s → refused, and a replay continues', async (_case, lose) => {
    const standIn = await startForTest();
    const { openai } = standIn;
    const parent = await openai.responses.create({ ...ask, include: ['reasoning.encrypted_content'] });
    await lose(standIn, parent.id);
    const outputs = [answer(callOf(parent), 'refunded')];
    expect(
      await apiErrorOf(openai.responses.create({ ...ask, previous_response_id: parent.id, input: outputs })),
    ).toMatchObject(parentNotFound(parent.id));
    await expect(openai.responses.retrieve(parent.id)).rejects.toMatchObject({ status: 404 });
    const replayed = await openai.responses.create({
      ...ask,
      input: [{ role: 'user', content: ask.input }, ...toResponseInputItems(parent.output), ...outputs],
    });
    expect(replayed.output_text).toContain('"refund" was done. The tool answered: refunded');
    expect(replayed.previous_response_id).toBeNull();
  });

  it('just under 30 days → still stored', async () => {
    const { openai, control } = await startForTest({ clock: { now: () => 0 } });
    const parent = await openai.responses.create(ask);
    control.advanceClock(THIRTY_DAYS - 1);
    expect(
      (
        await openai.responses.create({
          ...ask,
          previous_response_id: parent.id,
          input: [answer(callOf(parent), 'ok')],
        })
      ).status,
    ).toBe('completed');
  });

  it('tools and instructions → not inherited', async () => {
    const { openai } = await startForTest();
    const parent = await openai.responses.create({ ...ask, instructions: 'Be kind.' });
    const child = await openai.responses.create({
      model: 'gpt-5',
      previous_response_id: parent.id,
      input: [answer(callOf(parent), 'ok')],
    });
    expect(child).toMatchObject({ instructions: null, tools: [] });
  });

  it('continued twice → both children are valid', async () => {
    const { openai } = await startForTest();
    const parent = await openai.responses.create(ask);
    const follow = () =>
      openai.responses.create({ ...ask, previous_response_id: parent.id, input: [answer(callOf(parent), 'ok')] });
    const children = [await follow(), await follow()];
    expect(children.map(({ status }) => status)).toEqual(['completed', 'completed']);
  });

  it('items of the parent sent again → refused', async () => {
    const { openai } = await startForTest();
    const parent = await openai.responses.create({ ...ask, include: ['reasoning.encrypted_content'] });
    const error = await apiErrorOf(
      openai.responses.create({
        ...ask,
        previous_response_id: parent.id,
        input: [...toResponseInputItems(parent.output), answer(callOf(parent), 'ok')],
      }),
    );
    expect(error.message).toBe(
      `400 Duplicate item found with id ${String(parent.output[0]?.id)}. Remove duplicate items from your input and try again.`,
    );
  });
});

describe('store: false', () => {
  it('response → can only be replayed', async () => {
    const { openai } = await startForTest();
    const parent = await openai.responses.create({ ...ask, store: false });
    await expect(openai.responses.retrieve(parent.id)).rejects.toMatchObject({
      status: 404,
      message: `404 Response with id '${parent.id}' not found.`,
    });
    expect(
      await apiErrorOf(
        openai.responses.create({ ...ask, previous_response_id: parent.id, input: [answer(callOf(parent), 'ok')] }),
      ),
    ).toMatchObject(parentNotFound(parent.id));
    const replayed = await openai.responses.create({
      ...ask,
      store: false,
      input: [
        { role: 'user', content: ask.input },
        ...toResponseInputItems(parent.output),
        answer(callOf(parent), 'ok'),
      ],
    });
    expect(replayed.status).toBe('completed');
  });

  it('encrypted reasoning → without include; a stored response needs it', async () => {
    const { openai } = await startForTest();
    const isEncrypted = async (more: object) => {
      const [item] = (await openai.responses.create({ ...ask, ...more })).output;
      return item?.type === 'reasoning' && typeof item.encrypted_content === 'string';
    };
    expect(await isEncrypted({ store: false })).toBe(true);
    expect(await isEncrypted({ store: true, include: ['reasoning.encrypted_content'] })).toBe(true);
    expect(await isEncrypted({ store: true })).toBe(false);
  });
});

describe('replayed reasoning', () => {
  type Replay = (items: OpenAI.Responses.ResponseInputItem[]) => OpenAI.Responses.ResponseInputItem[];
  async function replay(change: Replay, { model = 'gpt-5', include = true, restart = false } = {}) {
    const standIn = await startForTest();
    const parent = await standIn.openai.responses.create({ ...ask, store: false, ...(include ? {} : { store: true }) });
    if (!include) await standIn.openai.responses.delete(parent.id);
    const items = change(toResponseInputItems(parent.output));
    const { openai } = restart ? await startForTest() : standIn;
    const sent = openai.responses.create({
      ...ask,
      model,
      input: [{ role: 'user', content: ask.input }, ...items, answer(callOf(parent), 'ok')],
    });
    return { parent, sent };
  }
  const withoutReasoning: Replay = (items) => items.filter(({ type }) => type !== 'reasoning');

  it('server restarted → accepted', async () => {
    const { sent } = await replay((items) => items, { restart: true });
    expect((await sent).status).toBe('completed');
  });

  it('no encrypted content, not stored → refused', async () => {
    const { parent, sent } = await replay((items) => items, { include: false });
    const id = String(parent.output[0]?.id);
    expect((await apiErrorOf(sent)).message).toBe(
      `400 Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
    );
  });

  it('altered → refused', async () => {
    const { parent, sent } = await replay((items) =>
      items.map((item) =>
        item.type === 'reasoning' ? { ...item, encrypted_content: `${String(item.encrypted_content)}AA` } : item,
      ),
    );
    expect(await apiErrorOf(sent)).toMatchObject({
      status: 400,
      code: 'invalid_encrypted_content',
      message: `400 The encrypted content for item ${String(parent.output[0]?.id)} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
    });
  });

  it('content of another item → refused', async () => {
    const { sent } = await replay((items) =>
      items.map((item) => {
        const { id: _id, ...rest } = item as OpenAI.Responses.ResponseFunctionToolCall;
        return item.type === 'reasoning' ? { ...item, id: 'rs_other' } : rest;
      }),
    );
    expect((await apiErrorOf(sent)).code).toBe('invalid_encrypted_content');
  });

  it('left out beside a call with an id → refused', async () => {
    const { parent, sent } = await replay(withoutReasoning);
    expect((await apiErrorOf(sent)).message).toBe(
      `400 Item '${String(callOf(parent).id)}' of type 'function_call' was provided without its required 'reasoning' item: '${String(parent.output[0]?.id)}'.`,
    );
  });

  it('left out beside calls without ids → accepted', async () => {
    const { sent } = await replay((items) =>
      withoutReasoning(items).map((item) => {
        const { id: _id, ...rest } = item as OpenAI.Responses.ResponseFunctionToolCall;
        return rest;
      }),
    );
    expect((await sent).status).toBe('completed');
  });

  it('of another model → removed, reported in the response', async () => {
    const { parent, sent } = await replay((items) => items, { model: 'o4-mini' });
    expect((await sent).input_transformations).toEqual([
      { id: parent.output[0]?.id, type: 'reasoning', action: 'removed', reason: 'model_mismatch' },
    ]);
  });

  it('refuse_encrypted_reasoning → refused once', async () => {
    const { openai, control } = await startForTest();
    const parent = await openai.responses.create({ ...ask, store: false });
    control.fault({ kind: 'refuse_encrypted_reasoning' });
    const again = () =>
      openai.responses.create({
        ...ask,
        input: [
          { role: 'user', content: ask.input },
          ...toResponseInputItems(parent.output),
          answer(callOf(parent), 'ok'),
        ],
      });
    expect((await apiErrorOf(again())).code).toBe('invalid_encrypted_content');
    expect((await again()).status).toBe('completed');
  });
});
