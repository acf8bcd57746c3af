import { expect, it } from 'vitest';
import { toolOutput } from '../../src/activities/record-result.ts';

it.each(['constructor', 'toString', '__proto__'])('key "%s" added by an edit → told as added', (key) => {
  const args = JSON.parse(`{"a":"b","${key}":"Ferrari"}`) as { [key: string]: string };
  const { text } = toolOutput('done', { args, asked: { a: 'b' }, note: null, reviewed: true });
  expect(text).toBe(`{"result":"done","changedByReviewer":{"${key}":{"from":null,"to":"Ferrari"}}}`);
});
