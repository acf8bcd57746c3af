import type { Json } from '@holdpoint/json';

/** A field of a run's context by which lists can be filtered. */
export type ContextField = { name: string; value: string };

/** Names and values longer than this are left out. */
export const longestFieldText = 200;
const mostFields = 50;
const deepest = 4;

/**
 * The fields of a context that lists can be filtered by: texts, numbers and booleans, with the path as the name
 * (`customer.id`). Arrays, empty, long and deep ones are left out.
 */
export function contextFields(context: Json | undefined): ContextField[] {
  const fields: ContextField[] = [];
  const add = (path: string, value: unknown, depth: number): void => {
    if (fields.length >= mostFields || path.length > longestFieldText) return;
    if (typeof value === 'object' && value !== null) {
      if (Array.isArray(value) || depth >= deepest) return;
      for (const [key, inner] of Object.entries(value)) add(path === '' ? key : `${path}.${key}`, inner, depth + 1);
      return;
    }
    if (path === '' || (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')) return;
    const text = String(value);
    if (text === '' || text.length > longestFieldText || !isPlain(text) || !isPlain(path)) return;
    if (!fields.some(({ name }) => name === path)) fields.push({ name: path, value: text });
  };
  add('', context, 0);
  return fields;
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair. */
function isPlain(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
