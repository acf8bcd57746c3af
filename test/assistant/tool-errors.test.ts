import { expect, it } from 'vitest';
import { isNotExecuted, isToolFailed } from '../../src/assistant/tool-errors.ts';
import { NotExecuted, ToolFailed } from '../../src/index.ts';

it('isToolFailed, isNotExecuted: tell the two errors apart', () => {
  expect([isToolFailed(new ToolFailed('x')), isNotExecuted(new ToolFailed('x'))]).toEqual([true, false]);
  expect([isToolFailed(new NotExecuted('x')), isNotExecuted(new NotExecuted('x'))]).toEqual([false, true]);
});

it('isToolFailed, isNotExecuted: error of another copy of the package → recognised', () => {
  const foreign = Object.assign(new Error('x'), { [Symbol.for('holdpoint.brand')]: 'tool-failed' });
  expect(isToolFailed(foreign)).toBe(true);
});

it.each([new Error('ToolFailed'), null, undefined, 'ToolFailed', { name: 'ToolFailed' }])(
  'takes nothing else for one: %s',
  (error) => {
    expect([isToolFailed(error), isNotExecuted(error)]).toEqual([false, false]);
  },
);

it('printed ToolFailed → message and cause, no brand', () => {
  const cause = new Error('inside');
  const error = new ToolFailed('The account is closed.', { cause });
  expect([error.message, error.cause, Object.keys(error)]).toEqual(['The account is closed.', cause, ['name']]);
});
