import { describe, expect, it } from 'vitest';
import type { Reply } from '../src/scripts/script.ts';
import { answer, apiErrorOf, callOf, startForTest, tool } from './start-for-test.ts';

const ask = { model: 'gpt-4.1', tools: [tool('refund', 'order')] };
const locked = {
  status: 400,
  type: 'invalid_request_error',
  code: 'conversation_locked',
  param: 'conversation',
  message: '400 Another process is currently operating on this conversation. Please retry in a few seconds.',
};

describe('a conversation', () => {
  it('several responses → inputs and outputs in order', async () => {
    const { openai } = await startForTest();
    const conversation = await openai.conversations.create({
      items: [{ role: 'developer', content: 'Be kind.' }],
      metadata: { run: 'r-1' },
    });
    expect(conversation).toMatchObject({ object: 'conversation', metadata: { run: 'r-1' } });
    expect(conversation.id).toMatch(/^conv_/);
    const first = await openai.responses.create({
      ...ask,
      conversation: conversation.id,
      input: 'call refund {"order":"7"}',
    });
    expect(first.conversation).toEqual({ id: conversation.id });
    const second = await openai.responses.create({
      ...ask,
      conversation: { id: conversation.id },
      input: [answer(callOf(first), 'refunded')],
    });
    expect(second.output_text).toContain('refunded');
    const { data } = await openai.conversations.items.list(conversation.id, { order: 'asc' });
    expect(data.map(({ type }) => type)).toEqual([
      'message',
      'message',
      'function_call',
      'function_call_output',
      'message',
    ]);
  });

  it('open call → any other message is refused', async () => {
    const { openai } = await startForTest();
    const { id } = await openai.conversations.create();
    const first = await openai.responses.create({ ...ask, conversation: id, input: 'call refund {"order":"7"}' });
    const other = openai.responses.create({ ...ask, conversation: id, input: 'hello' });
    expect((await apiErrorOf(other)).message).toBe(
      `400 No tool output found for function call ${callOf(first).call_id}.`,
    );
  });

  it('30 days → stays, unlike stored responses', async () => {
    const { openai, control } = await startForTest();
    const { id } = await openai.conversations.create();
    const first = await openai.responses.create({ ...ask, conversation: id, input: 'call refund {"order":"7"}' });
    control.advanceClock(365 * 24 * 60 * 60 * 1000);
    expect(
      (await openai.responses.create({ ...ask, conversation: id, input: [answer(callOf(first), 'ok')] })).status,
    ).toBe('completed');
  });

  it('model works → locked; afterwards → free', async () => {
    const { openai, control } = await startForTest();
    const { id } = await openai.conversations.create();
    const hold = control.fault({ kind: 'hold', at: 'during' });
    const slow = openai.responses.create({ ...ask, conversation: id, input: 'first' });
    await expect.poll(() => hold.happened()).toBe(1);
    expect(await apiErrorOf(openai.responses.create({ ...ask, conversation: id, input: 'second' }))).toMatchObject(
      locked,
    );
    hold.remove();
    expect((await slow).status).toBe('completed');
    expect((await openai.responses.create({ ...ask, conversation: id, input: 'third' })).status).toBe('completed');
  });

  it('background response → locked until it has ended', async () => {
    const { openai, control } = await startForTest();
    const { id } = await openai.conversations.create();
    await openai.responses.create({ ...ask, conversation: id, input: 'first', background: true, store: true });
    expect(await apiErrorOf(openai.responses.create({ ...ask, conversation: id, input: 'second' }))).toMatchObject(
      locked,
    );
    control.advanceClock(2_000);
    expect((await openai.responses.create({ ...ask, conversation: id, input: 'third' })).status).toBe('completed');
    const { data } = await openai.conversations.items.list(id, { order: 'asc' });
    expect(data).toHaveLength(4);
  });

  it('failed response → free and unchanged', async () => {
    const { openai, control } = await startForTest();
    const { id } = await openai.conversations.create();
    control.script({ when: 'first', steps: [{ modelRetired: true }] });
    await expect(openai.responses.create({ ...ask, conversation: id, input: 'first' })).rejects.toMatchObject({
      code: 'model_not_found',
    });
    expect((await openai.conversations.items.list(id)).data).toEqual([]);
    expect((await openai.responses.create({ ...ask, conversation: id, input: 'second' })).status).toBe('completed');
  });

  it.each<[string, Reply]>([
    ['failed', { failed: { code: 'server_error' } }],
    ['incomplete', { text: 'cut', incomplete: 'max_output_tokens' }],
  ])('response ended as %s → unchanged', async (status, reply) => {
    const { openai, control } = await startForTest();
    const { id } = await openai.conversations.create();
    control.script({ steps: [reply] });
    expect((await openai.responses.create({ ...ask, conversation: id, input: 'first' })).status).toBe(status);
    expect((await openai.conversations.items.list(id)).data).toEqual([]);
  });

  it('items and whole → can be changed and deleted', async () => {
    const { openai } = await startForTest();
    const { id } = await openai.conversations.create();
    expect((await openai.conversations.update(id, { metadata: { a: 'b' } })).metadata).toEqual({ a: 'b' });
    const added = await openai.conversations.items.create(id, { items: [{ role: 'user', content: 'hello' }] });
    const itemId = String(added.data[0]?.id);
    expect(await openai.conversations.items.retrieve(itemId, { conversation_id: id })).toMatchObject({
      id: itemId,
      role: 'user',
    });
    await openai.conversations.items.delete(itemId, { conversation_id: id });
    await expect(openai.conversations.items.retrieve(itemId, { conversation_id: id })).rejects.toMatchObject({
      status: 404,
    });
    expect(await openai.conversations.delete(id)).toEqual(
      expect.objectContaining({ id, deleted: true, object: 'conversation.deleted' }),
    );
    const gone = { status: 404, message: `404 Conversation with id '${id}' not found.` };
    await expect(openai.conversations.retrieve(id)).rejects.toMatchObject(gone);
    await expect(openai.responses.create({ ...ask, conversation: id, input: 'hello' })).rejects.toMatchObject(gone);
  });

  it('more than 20 items → refused', async () => {
    const { openai } = await startForTest();
    const items = Array.from({ length: 21 }, () => ({ role: 'user' as const, content: 'x' }));
    expect(await apiErrorOf(openai.conversations.create({ items }))).toMatchObject({
      status: 400,
      param: 'items',
      code: 'array_above_max_length',
    });
  });
});
