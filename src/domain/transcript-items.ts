/* Items of a transcript that both APIs write alike. Other items are left out. */

type Fields = Record<string, unknown>;

/** The function calls. */
export function callItems(items: readonly unknown[]): Array<{ callId: string; name: string; arguments: string }> {
  return items.flatMap((item) => {
    const { type, call_id: callId, name, arguments: written } = fieldsOf(item);
    return type === 'function_call' && typeof callId === 'string' && typeof name === 'string'
      ? [{ callId, name, arguments: textOf(written) }]
      : [];
  });
}

/** The outputs of function calls. */
export function outputItems(items: readonly unknown[]): Array<{ callId: string; output: string }> {
  return items.flatMap((item) => {
    const { type, call_id: callId, output } = fieldsOf(item);
    return type === 'function_call_output' && typeof callId === 'string' && typeof output === 'string'
      ? [{ callId, output }]
      : [];
  });
}

/** The texts of messages: of the user in sent items, of the model in received ones. */
export function messageTexts(items: readonly unknown[]): string[] {
  return items.flatMap((item) => {
    const { type, text, content } = fieldsOf(item);
    if (type !== 'message') return [];
    const parts = Array.isArray(content) ? content.map((part) => textOf(fieldsOf(part)['text'])) : [textOf(content)];
    const said = typeof text === 'string' ? text : parts.join('');
    return said === '' ? [] : [said];
  });
}

function fieldsOf(item: unknown): Fields {
  return typeof item === 'object' && item !== null ? (item as Fields) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
