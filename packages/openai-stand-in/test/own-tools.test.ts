import { describe, expect, it } from 'vitest';
import { sampleArguments } from '../src/scripts/sample-value.ts';
import { answer, callOf, callsOf, startForTest, tool } from './start-for-test.ts';

const tools = [tool('refund', 'order'), tool('delete_user', 'id')];
const request = { model: 'gpt-5', tools };

function plainCalls(response: Parameters<typeof callsOf>[0]) {
  return callsOf(response).map(({ name, arguments: given }) => `${name} ${given}`);
}

describe("a user's own tools", () => {
  it.each([
    ['one call in words', 'Please call refund {"order": "7"}.', ['refund {"order": "7"}']],
    [
      'several in one turn',
      'call refund {"order":"7"}\ncall delete_user {"id":"{a}"}',
      ['refund {"order":"7"}', 'delete_user {"id":"{a}"}'],
    ],
    [
      'two equal calls',
      'call refund {"order":"7"} and call refund {"order":"7"}',
      ['refund {"order":"7"}', 'refund {"order":"7"}'],
    ],
    [
      'only the first turn of two',
      'call refund {"order":"7"} then call delete_user {"id":"1"}',
      ['refund {"order":"7"}'],
    ],
    ['a tool that does not exist', 'call launch_rocket {"to":"moon"}', ['launch_rocket {"to":"moon"}']],
    ['malformed arguments, as they are', 'call refund {"order": 7\nthanks', ['refund {"order": 7']],
    ['a call without arguments', 'call refund', ['refund {"order":"sample order"}']],
    ["a tool's name alone", 'I think delete_user fits here', ['delete_user {"id":"sample id"}']],
    [
      'both names alone',
      'refund, and delete_user',
      ['refund {"order":"sample order"}', 'delete_user {"id":"sample id"}'],
    ],
    ['no part of a longer name', 'refunds and undelete_user', []],
    ['no call when a person is to be called', 'call Anna tomorrow', []],
  ])('%s', async (_case, input, calls) => {
    const { openai } = await startForTest();
    expect(plainCalls(await openai.responses.create({ ...request, input }))).toEqual(calls);
  });

  it('"then call" → a call in the next turn; the last answer names every call', async () => {
    const { openai } = await startForTest();
    const first = await openai.responses.create({
      ...request,
      input: 'call refund {"order":"7"} then call delete_user {"id":"1"}',
    });
    const second = await openai.responses.create({
      ...request,
      previous_response_id: first.id,
      input: [answer(callOf(first), 'refunded 20')],
    });
    expect(plainCalls(second)).toEqual(['delete_user {"id":"1"}']);
    const third = await openai.responses.create({
      ...request,
      previous_response_id: second.id,
      input: [answer(callOf(second), 'Security system denied this specific action.')],
    });
    expect(callsOf(third)).toEqual([]);
    expect(third.output_text).toContain('"refund" was done. The tool answered: refunded 20');
    expect(third.output_text).toContain('"delete_user" was not done: Security system denied this specific action.');
    expect(third.output_text).toContain("(This answer comes from Holdpoint's stand-in for the model.)");
  });

  it('turn repeated after a lost reply → the same calls', async () => {
    const { openai } = await startForTest();
    const first = await openai.responses.create({
      ...request,
      input: 'call refund {"order":"7"} then call delete_user {"id":"1"}',
    });
    const followUp = { ...request, previous_response_id: first.id, input: [answer(callOf(first), 'ok')] };
    const [one, two] = await Promise.all([openai.responses.create(followUp), openai.responses.create(followUp)]);
    expect(one.id).not.toBe(two.id);
    expect(plainCalls(one)).toEqual(plainCalls(two));
  });

  it('parallel_tool_calls: false → one call per turn', async () => {
    const { openai } = await startForTest();
    const alone = { ...request, parallel_tool_calls: false };
    const first = await openai.responses.create({
      ...alone,
      input: 'call refund {"order":"7"} call delete_user {"id":"1"}',
    });
    const second = await openai.responses.create({
      ...alone,
      previous_response_id: first.id,
      input: [answer(callOf(first), 'ok')],
    });
    expect([plainCalls(first), plainCalls(second)]).toEqual([['refund {"order":"7"}'], ['delete_user {"id":"1"}']]);
  });

  it('tool_choice → none forbids calls, a named function and required force one', async () => {
    const { openai } = await startForTest();
    const none = await openai.responses.create({ ...request, input: 'call refund {"order":"7"}', tool_choice: 'none' });
    const named = await openai.responses.create({
      ...request,
      input: 'hello',
      tool_choice: { type: 'function', name: 'delete_user' },
    });
    const required = await openai.responses.create({ ...request, input: 'hello', tool_choice: 'required' });
    expect([none, named, required].map(plainCalls)).toEqual([
      [],
      ['delete_user {"id":"sample id"}'],
      ['refund {"order":"sample order"}'],
    ]);
  });

  it('newer message → starts again', async () => {
    const { openai } = await startForTest();
    const first = await openai.responses.create({ ...request, input: 'call refund {"order":"7"}' });
    const second = await openai.responses.create({
      ...request,
      previous_response_id: first.id,
      input: [answer(callOf(first), 'ok'), { role: 'user', content: 'call delete_user {"id":"1"}' }],
    });
    expect(plainCalls(second)).toEqual(['delete_user {"id":"1"}']);
  });

  it('no call in the text → an answer with instructions for calls', async () => {
    const { openai } = await startForTest();
    const { output_text: text } = await openai.responses.create({ ...request, input: 'Good morning' });
    expect(text).toBe(
      [
        'You wrote: Good morning',
        'I have the tools refund, delete_user. Write: call refund {"argument": "value"}',
        "(This answer comes from Holdpoint's stand-in for the model.)",
      ].join('\n'),
    );
  });

  it('output schema → the answer follows it', async () => {
    const { openai } = await startForTest();
    const schema = {
      type: 'object',
      properties: { ok: { type: 'boolean' }, mood: { enum: ['good', 'bad'] } },
      required: ['ok', 'mood'],
      additionalProperties: false,
    };
    const { output_text: text } = await openai.responses.create({
      model: 'gpt-5',
      input: 'How are you?',
      text: { format: { type: 'json_schema', name: 'mood', strict: true, schema } },
    });
    expect(JSON.parse(text)).toEqual({ ok: true, mood: 'good' });
  });
});

describe('sample arguments', () => {
  it.each([
    ['bounds', { type: 'integer', minimum: 5 }, 5],
    ['an exclusive minimum', { type: 'integer', exclusiveMinimum: 0 }, 1],
    ['a maximum below one', { type: 'integer', maximum: -3 }, -4],
    ['a step', { type: 'number', multipleOf: 10 }, 10],
    ['a format', { type: 'string', format: 'email' }, 'someone@example.com'],
    ['a length', { type: 'string', maxLength: 3 }, 'sam'],
    ['an example', { type: 'string', examples: ['red'] }, 'red'],
    ['a constant', { const: 4 }, 4],
    ['alternatives', { anyOf: [{ type: 'null' }, { type: 'string' }] }, null],
    ['a list', { type: 'array', items: { type: 'boolean' } }, [true]],
    ['a list of types', { type: ['integer', 'null'] }, 1],
    ['a reference', { $ref: '#/$defs/size' }, 'large'],
  ])('%s → a value of it', (_case, value, expected) => {
    expect(
      sampleArguments({
        type: 'object',
        properties: { value },
        required: ['value'],
        $defs: { size: { enum: ['large'] } },
      }),
    ).toEqual({ value: expected });
  });

  it('optional properties → left out', () => {
    expect(
      sampleArguments({
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        required: ['a'],
      }),
    ).toEqual({ a: 'sample a' });
  });

  it('recursive schema → finite value', () => {
    const sample = sampleArguments({ type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] });
    expect(JSON.stringify(sample).length).toBeLessThan(1_000);
  });
});
