import { describe, expect, it } from 'vitest';
import { ReplyFinder } from './moments.ts';

type Passing = [connection: number, direction: 'request' | 'reply', text: string];

/** The passings that the finder takes for the reply to the request that contains "insert". */
function found(isDatabase: boolean, passings: readonly Passing[]): Passing[] {
  const finder = new ReplyFinder({ isDatabase });
  return passings.filter(([connection, direction, text]) =>
    finder.sees({ connection, direction, bytes: Buffer.from(text) }, text.includes('insert')),
  );
}

describe('reply to the request of a step', () => {
  it('other connections answer before → the reply on its own connection, once', () => {
    const passings: Passing[] = [
      [1, 'request', 'insert'],
      [2, 'reply', 'another'],
      [1, 'reply', 'the reply'],
      [1, 'reply', 'more of it'],
    ];
    expect(found(false, passings)).toEqual([[1, 'reply', 'the reply']]);
  });

  it('statement inside a transaction → the reply to its COMMIT', () => {
    const passings: Passing[] = [
      [1, 'request', 'begin'],
      [1, 'reply', 'BEGIN'],
      [1, 'request', 'insert'],
      [1, 'reply', 'INSERT 0 1'],
      [2, 'request', 'commit'],
      [2, 'reply', 'of another transaction'],
      [1, 'request', 'commit'],
      [1, 'reply', 'COMMIT'],
    ];
    expect(found(true, passings)).toEqual([[1, 'reply', 'COMMIT']]);
  });

  it('statement after a transaction on the same connection → its own reply', () => {
    const passings: Passing[] = [
      [1, 'request', 'begin'],
      [1, 'request', 'commit'],
      [1, 'reply', 'COMMIT'],
      [1, 'request', 'insert'],
      [1, 'reply', 'INSERT 0 1'],
    ];
    expect(found(true, passings)).toEqual([[1, 'reply', 'INSERT 0 1']]);
  });
});
