import { z } from 'zod';
import { badRequest } from '../openai-error.ts';
import { parseWith } from '../parse-body.ts';

const querySchema = z.object({
  limit: z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(1).max(100)).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().optional(),
  before: z.string().optional(),
});

/** A page of the Assistants API: `limit` 1 to 100 (default 20), `order` (default desc), `after` and `before` an id. */
export function pageOf(items: ReadonlyArray<{ readonly id: string }>, query: Readonly<Record<string, string>>): object {
  const { limit, order, after, before } = parseWith(querySchema, query);
  const ordered = order === 'asc' ? items : items.toReversed();
  const placeOf = (id: string, param: string): number => {
    const place = ordered.findIndex((item) => item.id === id);
    if (place < 0) throw badRequest(`Item with id '${id}' not found.`, param);
    return place;
  };
  const rest = ordered.slice(
    after === undefined ? 0 : placeOf(after, 'after') + 1,
    before === undefined ? undefined : placeOf(before, 'before'),
  );
  const data = rest.slice(0, limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: rest.length > limit,
  };
}
