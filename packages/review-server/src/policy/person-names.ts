/** Two names of one person are equal if this is: letter case, Unicode forms, spaces and invisible characters aside. */
export function nameKey(name: string): string {
  const plain = name
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Cc}]/gu, '')
    .trim()
    .replace(/\s+/gu, ' ');
  return plain.toUpperCase().toLowerCase().normalize('NFKC');
}

/** True if one of the person's names is among `names`. */
export function isNamed(person: { name: string; aliases: readonly string[] }, names: readonly string[]): boolean {
  const keys = new Set(names.map(nameKey));
  return [person.name, ...person.aliases].some((name) => keys.has(nameKey(name)));
}
