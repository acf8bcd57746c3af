/** Letters and digits that look distinct. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';

/** The form of an id that the gateway's addresses take. */
export const runIdForm = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

export type RandomRunId = {
  assistant: string;
  now: Date;
  /** Number of random characters. */
  length: number;
  /** A random whole number from 0 to below `end`. */
  below: (end: number) => number;
};

/** A new run id, `<assistant>-<yyyymmdd>-<random>`, readable in Temporal's lists. */
export function randomRunId({ assistant, now, length, below }: RandomRunId): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const random = Array.from({ length }, () => alphabet[below(alphabet.length)]).join('');
  return `${slug(assistant)}-${day}-${random}`;
}

/** The start of a run id: the text without the characters that addresses do not take. */
export function slug(text: string): string {
  return (
    text
      .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
      .replaceAll(/^[-.]+|[-.]+$/g, '')
      .slice(0, 60) || 'run'
  );
}
