/** Length in UTF-8, which Workflow code has no Buffer to count. */
export function bytesOf(text: string): number {
  return encodeURIComponent(text.toWellFormed()).replaceAll(/%[0-9A-F]{2}/g, '-').length;
}
