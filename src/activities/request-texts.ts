/** The longest texts of a request, in characters. Arguments are never cut. docs/tools.md lists them. */
export const longestTexts = { summary: 1000, reason: 2000, justification: 4000 } as const;

/** The text, or its beginning with the number of missing characters and the place of the whole text. */
export function cutText(text: string, most: number, whereWhole: string): string {
  if (text.length <= most) return text;
  const note = (missing: number) =>
    ` … [cut: ${missing.toLocaleString('en')} of ${text.length.toLocaleString('en')} characters; ${whereWhole}]`;
  const kept = most - note(text.length).length;
  return text.slice(0, kept).toWellFormed() + note(text.length - kept);
}
