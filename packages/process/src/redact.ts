/** Shorter values are too common to replace. */
const shortest = 8;

const known = new Set<string>();

/** Keys in other programs' words: OpenAI's, Cheqpoint's and ours, bearer tokens, passwords and keys in addresses. */
const shapes: ReadonlyArray<[RegExp, string]> = [
  [/\b(sk|cq|hp)[-_][\w*.-]{8,}/g, '[secret]'],
  [/\bBearer\s+[\w.~+/=-]{8,}/gi, 'Bearer [secret]'],
  [/(:\/\/[^\s/:@"]*:)[^\s/@"]+@/g, '$1[secret]@'],
  [/([?&](?:[\w-]*(?:key|token|secret|password|signature)|sig)=)[^\s&#"'`)]+/gi, '$1[secret]'],
];

/** Makes `redacted` replace these values. Values of fewer than 8 characters are left out. */
export function hideSecrets(values: Iterable<string>): void {
  for (const value of values) if (value.length >= shortest) known.add(value);
}

/** The text without secrets: the values of each `Secret` and of `hideSecrets`, and text that has the form of a key. */
export function redacted(text: string): string {
  let clean = text;
  for (const secret of known) {
    clean = clean.replaceAll(secret, '[secret]');
    // As JSON writes it.
    const escaped = JSON.stringify(secret).slice(1, -1);
    if (escaped !== secret) clean = clean.replaceAll(escaped, '[secret]');
  }
  for (const [shape, replacement] of shapes) clean = clean.replaceAll(shape, replacement);
  return clean;
}

/**
 * The texts in a secret value: the string, or the keys and tokens in an object. Of an address: its password, and for
 * HTTP its path.
 */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') {
    const address = value.includes('://') ? URL.parse(value) : null;
    if (address === null) return [value];
    const path = /^https?:$/.test(address.protocol) ? `${address.pathname}${address.search}` : '';
    return [address.password, decoded(address.password), path].filter((text) => text !== '');
  }
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([name, inner]) => typeof inner === 'object' || /key|token|secret|password/i.test(name))
    .flatMap(([, inner]) => textsOf(inner));
}

/** The text without percent-encoding; as it is where an escape is malformed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
