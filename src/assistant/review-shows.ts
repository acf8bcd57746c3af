import type { Preview } from '@holdpoint/cheqpoint/wire';

/** A cell of a table in a preview. */
type Cell = string | number | boolean | null;

/**
 * The result of `review.preview`. Images are `data:` addresses in base64 of PNG, JPEG, GIF or WebP files. HTML in a text
 * is shown as text.
 */
export type ReviewPreview =
  | Exclude<Preview, { type: 'table' }>
  | { type: 'table'; title?: string | undefined; columns: readonly string[]; rows: readonly (readonly Cell[])[] };

/** Quick notes by language: for a rejection, or for both answers. */
export type ReviewPresets = {
  [language: string]: readonly string[] | { approve?: readonly string[]; reject?: readonly string[] };
};
