/** Text from outside, escaped so that Temporal's Web UI shows it as it is. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>#|~!]/g, String.raw`\$&`);
}

/** JSON text from outside as a code span. Invisible and direction-changing characters become JSON escapes. */
export function codeSpan(json: string): string {
  const visible = json.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((index) => String.raw`\u` + character.charCodeAt(index).toString(16).padStart(4, '0'))
      .join(''),
  );
  const longest = Math.max(0, ...(visible.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${visible}${fence}` : `${fence} ${visible} ${fence}`;
}
