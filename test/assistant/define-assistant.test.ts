import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InvalidDefinition, defineAssistant, defineConfig, defineTool } from '../../src/index.ts';

const tool = (name: string) =>
  defineTool({
    name,
    description: 'Does it.',
    parameters: z.object({}),
    effect: 'at-most-once',
    review: 'never',
    execute: () => null,
  });
const comms = { name: 'comms', model: 'gpt-5' };
const threads = { ...comms, api: 'assistants' };

it('defineAssistant: no options → the defaults', () => {
  expect(defineAssistant(comms)).toEqual({
    name: 'comms',
    api: 'responses',
    model: 'gpt-5',
    instructions: null,
    tools: [],
    maxTurns: null,
    store: true,
    background: null,
    conversation: null,
    assistantId: null,
    thread: null,
    parallelToolCalls: true,
    strict: true,
    chain: true,
    leavesOut: [],
    modelSettings: {},
    connectionKey: null,
  });
});

it('defineAssistant: every option → accepted', () => {
  const assistant = defineAssistant({
    ...comms,
    api: 'responses',
    instructions: 'Be kind.',
    tools: [tool('a'), tool('b')],
    maxTurns: 3,
    background: { deadline: '5 m' },
    conversation: { id: 'conv_1' },
    parallelToolCalls: false,
    modelSettings: { temperature: 0, stream: false },
    connectionKey: 'ck',
  });
  expect(assistant).toMatchObject({
    maxTurns: 3,
    background: { deadlineMs: 300_000 },
    conversation: { id: 'conv_1' },
    modelSettings: { temperature: 0, stream: false },
  });
  expect(Object.isFrozen(assistant)).toBe(true);
  expect(defineAssistant({ ...comms, background: true }).background).toEqual({ deadlineMs: 3_600_000 });
});

it('defineAssistant: assistantId and thread → kept', () => {
  const thread = () => 'thread_1';
  expect(defineAssistant({ name: 'comms', api: 'assistants', assistantId: 'asst_1', thread })).toMatchObject({
    api: 'assistants',
    model: null,
    assistantId: 'asst_1',
    thread,
  });
  expect(
    defineAssistant({ ...comms, api: 'assistants', thread: 'thread_1', modelSettings: { max_completion_tokens: 500 } }),
  ).toMatchObject({ model: 'gpt-5', assistantId: null, thread: 'thread_1' });
});

it('defineAssistant: modelSettings → copied', () => {
  const modelSettings = { reasoning: { effort: 'low' } };
  const assistant = defineAssistant({ ...comms, modelSettings });
  modelSettings.reasoning.effort = 'high';
  expect(assistant.modelSettings).toEqual({ reasoning: { effort: 'low' } });
});

describe('defineAssistant: invalid definition', () => {
  it.each<[unknown, string]>([
    [{ ...comms, name: '' }, 'Assistant "": name must be 1 to 64'],
    [{ name: 'comms' }, 'Assistant "comms": model is missing'],
    [{ ...comms, model: '' }, 'model must be a text'],
    [{ ...comms, api: 'agents' }, `api must be 'responses' or 'assistants', not "agents"`],
    [{ ...comms, instructions: 5 }, 'instructions must be a text'],
    [{ ...comms, maxTurns: 0 }, 'maxTurns must be a whole number above zero, not 0'],
    [{ ...comms, maxTurns: 1.5 }, 'not 1.5'],
    [{ ...comms, max_turns: 4 }, 'has no option "max_turns"; did you mean "maxTurns"?'],
    [{ ...comms, tools: tool('a') }, 'tools must be an array'],
    [{ ...comms, tools: [{ name: 'a' }] }, 'tools[0] was not made by defineTool'],
    [{ ...comms, tools: [tool('a'), tool('a')] }, 'two tools named "a"'],
    [
      { ...comms, tools: Array.from({ length: 129 }, (_, index) => tool(`t${index}`)) },
      'tools has 129 tools, and OpenAI takes 128',
    ],
    [{ ...comms, store: 'no' }, 'store must be true or false'],
    [{ ...comms, background: { deadline: '25 h' } }, 'background.deadline must be at most 24 hours, not "25 h"'],
    [{ ...comms, background: { deadline: '-1 h' } }, 'background.deadline must be a time span above zero'],
    [{ ...comms, background: { timeout: '1 h' } }, 'background has no option "timeout"'],
    [{ ...comms, conversation: 'conv_1' }, "conversation must be 'run' or { id: 'conv_…' }"],
    [{ ...comms, conversation: { id: '' } }, 'conversation.id must be a text'],
    [{ ...comms, store: false, background: true }, 'background needs a stored response'],
    [{ ...comms, store: false, conversation: 'run' }, 'a conversation is kept at OpenAI'],
    [{ ...comms, connectionKey: '' }, 'connectionKey must be a Cheqpoint Connection Key'],
    [{ ...comms, modelSettings: 'hot' }, 'modelSettings must be an object'],
    [{ ...comms, modelSettings: { stream: true } }, 'modelSettings.stream can only be false'],
    [{ ...comms, modelSettings: { temperature: Number.NaN } }, 'modelSettings.temperature must be JSON'],
    [{ ...comms, modelSettings: { text: { at: new Date() } } }, 'modelSettings.text must be JSON'],
    [{ ...comms, modelSettings: { include: 'x' } }, 'modelSettings.include must be an array'],
    [
      { ...comms, thread: 'thread_1' },
      "thread is of api: 'assistants', and this assistant has api: 'responses'. Use conversation",
    ],
    [{ name: 'comms', assistantId: 'asst_1' }, "assistantId is of api: 'assistants'"],
    [{ ...threads, name: 'comms', assistantId: '' }, 'assistantId must be a text'],
    [{ ...threads, assistantId: undefined, model: undefined }, 'model is missing'],
    [{ ...threads, thread: { id: 'thread_1' } }, 'thread must be a text'],
    [
      { ...threads, store: true },
      "store is of api: 'responses', and this assistant has api: 'assistants'. Leave it out",
    ],
    [{ ...threads, background: false }, "background is of api: 'responses'"],
    [
      { ...threads, conversation: 'run' },
      "conversation is of api: 'responses', and this assistant has api: 'assistants'. Use thread: 'thread_…'",
    ],
    [
      { ...threads, modelSettings: { max_output_tokens: 500 } },
      "modelSettings.max_output_tokens is not in api: 'assistants'. Write max_completion_tokens",
    ],
    [
      { ...comms, modelSettings: { max_completion_tokens: 500 } },
      "modelSettings.max_completion_tokens is not in api: 'responses'. Write max_output_tokens",
    ],
    [{ ...threads, modelSettings: { stream: false } }, 'modelSettings.stream is set by Holdpoint'],
    [
      { ...threads, modelSettings: { assistant_id: 'asst_1' } },
      'modelSettings.assistant_id is set by Holdpoint. Use the option assistantId',
    ],
    ...[
      'model',
      'instructions',
      'tools',
      'store',
      'background',
      'conversation',
      'parallel_tool_calls',
      'input',
      'previous_response_id',
      'metadata',
    ].map(
      (field) =>
        [{ ...comms, modelSettings: { [field]: 'x' } }, `modelSettings.${field} is set by Holdpoint`] satisfies [
          unknown,
          string,
        ],
    ),
  ])('%#', (definition, message) => {
    expect(() => defineAssistant(definition as never)).toThrow(InvalidDefinition);
    expect(() => defineAssistant(definition as never)).toThrow(message);
  });

  it('connection key → not in the message', () => {
    const wrong = () => defineAssistant({ ...comms, model: '', connectionKey: 'cq_secret' });
    expect(wrong).toThrow(InvalidDefinition);
    expect(wrong).not.toThrow('cq_secret');
  });
});

describe('defineConfig', () => {
  const assistant = defineAssistant(comms);
  it('Task Queue → the default or the given one', () => {
    expect(defineConfig({ assistants: [assistant] })).toEqual({ assistants: [assistant], taskQueue: 'holdpoint' });
    expect(defineConfig({ assistants: [assistant], taskQueue: 'mail' }).taskQueue).toBe('mail');
  });
  it.each([
    [{}, 'assistants must be an array with at least one'],
    [{ assistants: [] }, 'assistants must be an array with at least one'],
    [{ assistants: [comms] }, 'assistants[0] was not made by defineAssistant'],
    [{ assistants: [assistant, assistant] }, 'two assistants named "comms"'],
    [{ assistants: [assistant], taskQueue: '' }, 'taskQueue must be a text'],
    [{ assistants: [assistant], taskqueue: 'x' }, 'did you mean "taskQueue"?'],
  ])('invalid config %# → refused', (definition, message) => {
    expect(() => defineConfig(definition as never)).toThrow(message);
  });
});
