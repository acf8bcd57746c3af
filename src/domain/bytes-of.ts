/** Length in UTF-8. Workflow code has no Buffer that counts it. */
export function bytesOf(text: string): number {
  return encodeURIComponent(text.toWellFormed()).replaceAll(/%[0-9A-F]{2}/g, '-').length;
}
