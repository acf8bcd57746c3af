import { z } from 'zod';

/*
 * A preview shows what the arguments of a request mean. It is for reading only: the arguments run, not the preview.
 * All values are texts, so that each side computes the same digest.
 */

/** Characters of a preview as JSON. */
export const longestPreview = 400_000;
const longestText = 200_000;
const longestLine = 1000;
const mostRecipients = 200;
const mostColumns = 30;
const mostRows = 1000;
const longestImage = 350_000;

// PostgreSQL can't store NUL in text, and half a character has no UTF-8.
const anyText = z.string().transform((given) => given.replaceAll('\0', '\uFFFD').toWellFormed());
const text = anyText.pipe(z.string().max(longestText));
const line = anyText.pipe(z.string().max(longestLine));
const title = line.optional().describe('A name for the preview.');

/** The begin of a file of each accepted type, as base64. */
const imageBegins = { png: ['iVBORw0KGgo'], jpeg: ['/9j/'], gif: ['R0lGODdh', 'R0lGODlh'], webp: ['UklGR'] } as const;
const imageAddress = /^data:image\/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/]+={0,2})$/;

const image = z
  .string()
  .max(longestImage)
  .refine(isImage, 'must be a data: address in base64 of a PNG, JPEG, GIF or WebP file');

/** A preview as it is sent and shown. */
export const previewSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('email'),
      title,
      from: line.optional(),
      to: z.array(line).max(mostRecipients).optional(),
      cc: z.array(line).max(mostRecipients).optional(),
      bcc: z.array(line).max(mostRecipients).optional(),
      subject: line.optional(),
      body: text.describe('Plain text, or markdown with `format`. HTML is shown as text.'),
      format: z.enum(['text', 'markdown']).optional(),
    }),
    z.strictObject({ type: z.literal('markdown'), title, text }),
    z.strictObject({ type: z.literal('diff'), title, before: text, after: text }),
    z.strictObject({
      type: z.literal('table'),
      title,
      columns: z.array(line).min(1).max(mostColumns),
      rows: z.array(z.array(text)).max(mostRows),
    }),
    z.strictObject({ type: z.literal('image'), title, data: image, alt: line }),
  ])
  .refine((preview) => JSON.stringify(preview).length <= longestPreview, {
    message: `must be shorter than ${longestPreview} characters as JSON`,
  })
  .refine((preview) => preview.type !== 'table' || preview.rows.every((row) => row.length === preview.columns.length), {
    path: ['rows'],
    message: 'must have one cell for each column in each row',
  });
export type Preview = z.output<typeof previewSchema>;

function isImage(address: string): boolean {
  const [, type, data] = imageAddress.exec(address) ?? [];
  return (
    data !== undefined &&
    data.length % 4 === 0 &&
    imageBegins[type as keyof typeof imageBegins].some((begin) => data.startsWith(begin))
  );
}

/** Notes to choose from by their number. */
export const mostPresets = 9;
const notes = z.array(anyText.pipe(z.string().trim().min(1).max(200))).max(mostPresets);

/** Quick notes of a tool by language, such as `en` or `pt-BR`: those for an approval, and those for a rejection. */
export const presetsSchema = z
  .record(
    z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language such as en, de or pt-BR'),
    z.strictObject({ approve: notes.optional(), reject: notes.optional() }),
  )
  .refine((languages) => Object.keys(languages).length <= 30, 'must have at most 30 languages');
export type Presets = z.output<typeof presetsSchema>;
