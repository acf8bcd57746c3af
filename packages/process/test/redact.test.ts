import { describe, expect, it } from 'vitest';
import { errorFields, hideSecrets, redacted, Secret } from '../src/index.ts';

describe('redacted', () => {
  it('value of a Secret, also as JSON writes it → [secret]', () => {
    const value = 'quoted "canary" 0123';
    expect(new Secret(value).reveal()).toBe(value);
    expect(redacted(`a ${value} b ${JSON.stringify({ value })}`)).toBe('a [secret] b {"value":"[secret]"}');
  });

  it.each([
    ['Authorization: Bearer abcdef.123456', 'Authorization: Bearer [secret]'],
    ['wrong key sk-proj-abcdef123456', 'wrong key [secret]'],
    ['postgres://ana:hunter22@db/x failed', 'postgres://ana:[secret]@db/x failed'],
    [
      'GET https://a.example/v1?api_key=abc123&page=2 failed',
      'GET https://a.example/v1?api_key=[secret]&page=2 failed',
    ],
    [
      '(https://a.example/f?X-Amz-Signature=9f8e&sig=ab)',
      '(https://a.example/f?X-Amz-Signature=[secret]&sig=[secret])',
    ],
    ['?keyboard=qwerty&monkeys=3', '?keyboard=qwerty&monkeys=3'],
    ['the task-list of sk-ip', 'the task-list of sk-ip'],
    ['connect ECONNREFUSED 127.0.0.1:7233', 'connect ECONNREFUSED 127.0.0.1:7233'],
  ])('%j → %j', (text, clean) => expect(redacted(text)).toBe(clean));

  it('address with a malformed escape in its password → hidden as it is', () => {
    expect(new Secret('postgres://ana:horse%zz-battery@db/x').toString()).toBe('[secret]');
    expect(redacted('refused horse%zz-battery')).toBe('refused [secret]');
  });

  it('database address: only its password is secret', () => {
    expect(new Secret('postgres://ana:correct-horse@db:5432/holdpoint').toString()).toBe('[secret]');
    expect(redacted('db:5432/holdpoint refused correct-horse')).toBe('db:5432/holdpoint refused [secret]');
  });

  it('list of names and keys: only the keys are secret', () => {
    expect(new Secret([{ assistant: 'communications', key: 'key-of-comms' }]).toString()).toBe('[secret]');
    expect(redacted('communications: key-of-comms')).toBe('communications: [secret]');
  });

  it('short value → kept, since it would garble other text', () => {
    hideSecrets(['none']);
    expect(redacted('none of these')).toBe('none of these');
  });
});

describe('errorFields', () => {
  it('error with causes and other fields → name, message, stack, code, causes; nothing else', () => {
    const inner = Object.assign(new RangeError('inner'), { code: 'E_INNER', headers: { authorization: 'canary' } });
    const fields = errorFields(new TypeError('outer', { cause: inner }));
    expect(fields).toEqual({
      type: 'TypeError',
      message: 'outer',
      stack: expect.stringContaining('redact.test.ts:'),
      cause: {
        type: 'RangeError',
        message: 'inner',
        code: 'E_INNER',
        stack: expect.stringContaining('redact.test.ts:'),
      },
    });
  });

  it('circle of causes → ends', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(errorFields(error)).match(/"message":"round"/g)).toHaveLength(6);
  });

  it.each([
    ['text', { type: 'string', message: 'text' }],
    [undefined, { type: 'undefined', message: 'undefined' }],
    [{ code: 7 }, { type: 'object', message: '{"code":7}' }],
    [Symbol('s'), { type: 'symbol', message: 'Symbol(s)' }],
  ])('thrown %o → its text', (thrown, fields) => expect(errorFields(thrown)).toEqual(fields));
});
