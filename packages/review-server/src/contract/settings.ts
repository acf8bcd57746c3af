import { z } from 'zod';
import { holdSeconds } from './holds.ts';

/** A saved filter: its name, and the query of the list's address, such as `box=waiting&risk=high`. */
const savedFilter = z.object({
  name: z.string().trim().min(1).max(60),
  query: z.string().max(2000),
});
export type SavedFilter = z.output<typeof savedFilter>;

/** Each setting with its meaning. Absent: the default. */
const fields = {
  holdSeconds: holdSeconds.describe(
    'Seconds that a decision by key is held before it is made, so that it can be undone. Default: 5. 0: it is made at once.',
  ),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/)
    .describe('Language of quick notes, such as `de`. Default: the browser’s.'),
  autoAdvance: z.boolean().describe('After a decision the next open request opens. Default: false.'),
  savedFilters: z
    .array(savedFilter)
    .max(30)
    .refine((filters) => new Set(filters.map(({ name }) => name)).size === filters.length, 'has a name twice')
    .describe('The filters of the list that the user saved, in their order. Default: none.'),
};

/** `GET /settings`: the settings of the signed-in user, the same in every browser. */
export const settingsSchema = z.object(fields).partial();
export type Settings = z.output<typeof settingsSchema>;

/** The body of `PATCH /settings`; answers with all settings. Absent settings stay. Null restores the default. */
export const changeSettingsSchema = z.strictObject(
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.nullish()])),
) as unknown as z.ZodType<ChangeSettings>;
export type ChangeSettings = { [Name in keyof Settings]?: Settings[Name] | null };
