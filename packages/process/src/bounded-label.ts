/** The value of a label for all names beyond its limit. */
export const otherLabel = 'other';

/**
 * Limits the values of a label whose names come from outside: the first `most` names keep their own series until the process
 * ends, and all later ones share `other`.
 */
export function boundedLabel(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= most) return otherLabel;
    known.add(name);
    return name;
  };
}
