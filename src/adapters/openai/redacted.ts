const longest = 600;

/** A server's text for use in an error message: `apiKey` and other keys removed, cut to 600 characters. */
export function redacted(text: string, apiKey: string): string {
  const withoutOurs = apiKey.length >= 4 ? text.replaceAll(apiKey, '[key]') : text;
  const clean = withoutOurs
    .replaceAll(/\bsk-[\w*.-]+/g, '[key]')
    .replaceAll(/\bBearer\s+\S+/gi, 'Bearer [key]')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}
