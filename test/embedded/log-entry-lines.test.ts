import { describe, expect, it } from 'vitest';
import { logEntryLines } from '../../src/embedded/log-entry-lines.ts';

const stack = `TypeError: no id
    at customerOf (/srv/shop/orders.ts:7:26)
    at Object.execute (/srv/shop/holdpoint.config.ts:17:30)
    at execute (/srv/shop/node_modules/holdpoint/dist/activities/run-tool.js:120:9)
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)`;
const failed = {
  level: 40,
  msg: 'Activity failed',
  run: 'shop-1',
  callKey: 'first/1/0/call_1',
  tool: 'refund',
  attempt: 2,
  nextTryInMs: 2_000,
  err: {
    type: 'ApplicationFailure',
    message: 'Attempt 2 of "refund": no id',
    stack: 'ApplicationFailure\n    at failure (/srv/shop/node_modules/holdpoint/dist/activities/failure.js:9:9)',
    cause: { type: 'TypeError', message: 'no id', stack },
  },
};

describe('logEntryLines', () => {
  it("tool that threw → message, call, next try, and the user's frames", () => {
    expect(logEntryLines(JSON.stringify(failed))).toEqual([
      'warning: Activity failed: Attempt 2 of "refund": no id',
      '  tool refund · run shop-1 · call first/1/0/call_1 · attempt 2 · next try in 2 s',
      '  TypeError: no id',
      '    at customerOf (/srv/shop/orders.ts:7:26)',
      '    at Object.execute (/srv/shop/holdpoint.config.ts:17:30)',
    ]);
  });

  it("cause in the user's code → both errors, the outer first", () => {
    const at = (line: number) => `Error\n    at f (/srv/shop/mail.ts:${line}:1)`;
    const err = {
      type: 'Error',
      message: 'outer',
      stack: at(1),
      cause: { type: 'RangeError', message: 'inner', stack: at(2) },
    };
    expect(logEntryLines(JSON.stringify({ level: 40, msg: 'It threw.', err }))).toEqual([
      'warning: It threw: outer',
      '  Error: outer',
      '    at f (/srv/shop/mail.ts:1:1)',
      '  caused by RangeError: inner',
      '    at f (/srv/shop/mail.ts:2:1)',
    ]);
  });

  it('failure that is not retried, without frames of the user → message and call', () => {
    const { cause: _, ...err } = failed.err;
    expect(logEntryLines(JSON.stringify({ ...failed, nextTryInMs: null, err }))).toEqual([
      'warning: Activity failed: Attempt 2 of "refund": no id',
      '  tool refund · run shop-1 · call first/1/0/call_1 · attempt 2 · not tried again automatically',
    ]);
  });

  it.each([
    ['Listening.', ['Listening.']],
    ['{"level":30,"msg":"Answered."}', []],
    ['{"level":50,"msg":"It broke.","problem":"no space"}', ['error: It broke: no space']],
    ['{not json', ['{not json']],
  ])('%j → %j', (line, lines) => expect(logEntryLines(line)).toEqual(lines));
});

it.each([
  { level: 50, msg: {}, err: { type: [{}], message: 1, stack: 2 } },
  { level: 50, msg: 5, tool: {}, run: [], attempt: {} },
])('entry of a tool with values of other types than ours: %j → lines, no error', (entry) =>
  expect(logEntryLines(JSON.stringify(entry))[0]).toMatch(/^error: /),
);
