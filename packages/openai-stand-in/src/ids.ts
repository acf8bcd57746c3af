import { randomBytes } from 'node:crypto';

export type IdPrefix =
  'resp' | 'msg' | 'fc' | 'fco' | 'call' | 'rs' | 'conv' | 'mcpr' | 'mcpa' | 'item' | 'req' | 'ctc' | 'fault';

/** A new id with OpenAI's prefix: `call_` with 24 random letters and digits, the others with 48 hex digits. */
export function newId(prefix: IdPrefix): string {
  if (prefix === 'call') return `call_${randomBytes(18).toString('base64url').replace(/[-_]/g, 'x')}`;
  return `${prefix}_${randomBytes(24).toString('hex')}`;
}

const prefixOfItem: Readonly<Record<string, IdPrefix>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  reasoning: 'rs',
  mcp_approval_request: 'mcpr',
  mcp_approval_response: 'mcpa',
  custom_tool_call: 'ctc',
};

/** A new id for an item of this type. */
export function newItemId(type: string): string {
  return newId(prefixOfItem[type] ?? 'item');
}
