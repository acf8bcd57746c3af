/**
 * Says which option of an object is not one of `known`, and the one that is spelt alike. Undefined when all are known.
 * A misspelt option would have no effect.
 */
export function unknownOption(given: object, known: readonly string[]): string | undefined {
  const name = Object.keys(given).find((each) => !known.includes(each));
  if (name === undefined) return undefined;
  const near = spelledAlike(name, known);
  return `no option "${name}"${near === undefined ? '.' : `; did you mean "${near}"?`} Options: ${known.join(', ')}.`;
}

function spelledAlike(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, '');
  const wanted = plain(name);
  if (wanted === '') return undefined;
  return (
    known.find((option) => plain(option) === wanted) ??
    known.find((option) => plain(option).startsWith(wanted) || wanted.startsWith(plain(option)))
  );
}
