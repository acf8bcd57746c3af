import { z } from 'zod';
import { holdSeconds } from './holds.ts';

/** Each setting with its meaning. Absent: the default. */
const fields = {
  holdSeconds: holdSeconds.describe(
    'Seconds that a decision by key is held before it is made, so that it can be undone. Default: 5. 0: it is made at once.',
  ),
  autoAdvance: z.boolean().describe('After a decision the next open request opens. Default: false.'),
};

/** `GET /settings`: the settings of the signed-in user, the same in every browser. */
export const settingsSchema = z.object(fields).partial();
export type Settings = z.output<typeof settingsSchema>;

/** The body of `PATCH /settings`; answers with all settings. Absent settings stay. Null restores the default. */
export const changeSettingsSchema = z.strictObject(
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.nullish()])),
) as unknown as z.ZodType<ChangeSettings>;
export type ChangeSettings = { [Name in keyof Settings]?: Settings[Name] | null };
