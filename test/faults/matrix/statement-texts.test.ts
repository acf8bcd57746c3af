import { expect, it } from 'vitest';
import { StatementTexts } from './statement-texts.ts';

const name = `h0_${'ab'.repeat(16)}`;
const parse = Buffer.from(`P\0\0\0\x42${name}\0update "approvals" set "status" = $1\0\0\0`, 'latin1');
const bind = Buffer.from(`B\0\0\0\x30\0${name}\0\0\0\0\x01APPROVED`, 'latin1');

it('statement that was prepared → executed by its name, its text is known', () => {
  const statements = new StatementTexts();
  statements.note(parse);
  expect(statements.written(bind)).toContain('update "approvals"');
});

it('statement without a name → as it was sent', () => {
  const statements = new StatementTexts();
  const sent = 'P\0\0\0\x10\0select 1\0';
  statements.note(Buffer.from(sent, 'latin1'));
  expect(statements.written(Buffer.from(sent, 'latin1'))).toBe(sent);
});

it('text that is prepared a second time, on another connection → known all the same', () => {
  const statements = new StatementTexts();
  for (const bytes of [parse, bind, parse]) statements.note(bytes);
  expect(statements.written(Buffer.concat([parse, bind]))).toContain('update "approvals"');
});
