import { z } from 'zod';
import type { Item } from './item.ts';
import { badRequest } from './openai-error.ts';
import { parseWith } from './parse-body.ts';

const querySchema = z.object({
  limit: z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(1).max(100)).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().optional(),
});

/**
 * A page of items in the form of OpenAI's lists: `limit` 1 to 100 (default 20), `order` (default desc), `after` an id.
 */
export function listPage(items: readonly Item[], query: Readonly<Record<string, string>>): unknown {
  const { limit, order, after } = parseWith(querySchema, query);
  const ordered = order === 'asc' ? items : items.toReversed();
  const start = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) throw badRequest(`Item with id '${after}' not found.`, 'after');
  const data = ordered.slice(start, start + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + limit < ordered.length,
  };
}
