import { z } from 'zod';

/** The query of a list in pages. `cursor`: `nextCursor` of the page before. */
export const pageFields = {
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};
