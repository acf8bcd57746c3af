import { describe, expect, it } from 'vitest';
import { readUsage, sumOfUsage } from '../../../src/adapters/openai/read-usage.ts';

describe('usage of a turn', () => {
  it.each([
    [
      'Responses API',
      {
        input_tokens: 1200,
        input_tokens_details: { cached_tokens: 1000 },
        output_tokens: 30,
        output_tokens_details: { reasoning_tokens: 20 },
        total_tokens: 1230,
      },
      { input: 1200, cachedInput: 1000, output: 30, reasoning: 20 },
    ],
    [
      'Chat Completions',
      {
        prompt_tokens: 1200,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens: 30,
        completion_tokens_details: { reasoning_tokens: 0 },
      },
      { input: 1200, cachedInput: 0, output: 30, reasoning: 0 },
    ],
    [
      'Assistants API',
      { prompt_tokens: 9, completion_tokens: 1, prompt_token_details: { cached_tokens: 3 } },
      { input: 9, cachedInput: 3, output: 1, reasoning: null },
    ],
    [
      'server without details',
      { input_tokens: 5, output_tokens: 0 },
      { input: 5, cachedInput: null, output: 0, reasoning: null },
    ],
    ['server with output only', { output_tokens: 5 }, { input: null, cachedInput: null, output: 5, reasoning: null }],
    [
      'other forms of numbers',
      { input_tokens: '5', output_tokens: 7, input_tokens_details: 3 },
      { input: null, cachedInput: null, output: 7, reasoning: null },
    ],
  ])('%s → its numbers', (_name, usage, expected) => {
    expect(readUsage(usage)).toEqual(expected);
  });

  it.each([
    [undefined],
    [null],
    [{}],
    ['none'],
    [[]],
    [{ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    [{ input_tokens: -1, output_tokens: Number.NaN }],
  ])('%o → not reported', (usage) => {
    expect(readUsage(usage)).toBeNull();
  });

  it('two requests of one turn → their sum; an unknown number counts as none', () => {
    const one = { input: 10, cachedInput: null, output: 1, reasoning: null };
    const other = { input: 20, cachedInput: 5, output: 2, reasoning: null };
    expect(sumOfUsage(one, other)).toEqual({ input: 30, cachedInput: 5, output: 3, reasoning: null });
    expect(sumOfUsage(null, other)).toEqual(other);
    expect(sumOfUsage(null, null)).toBeNull();
  });
});
