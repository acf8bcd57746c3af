import { isSafeNumber } from '../approval/details.ts';

const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
/** A number that may be meant in thousands, such as 1.250. */
const inThousands = /^-?[1-9]\d{0,2}(\.\d{3})+$/;

/** True if the browser's language writes 1.250 for one thousand two hundred and fifty. */
export function groupsByPoint(): boolean {
  return new Intl.NumberFormat().formatToParts(12_345_678).some(({ type, value }) => type === 'group' && value === '.');
}

/** Reads the one notation of numbers, that of JSON. A text is the reason why it can't be read. */
export function readNumber(
  typed: string,
  { isInteger, hasGroupsByPoint }: { isInteger: boolean; hasGroupsByPoint: boolean },
): number | string {
  const text = typed.trim();
  if (hasGroupsByPoint && inThousands.test(text)) {
    const whole = text.replaceAll('.', '');
    return text.split('.').length === 2 && !isInteger
      ? `Write ${whole} or, with a fraction, ${text}0.`
      : `Write ${whole}, without points.`;
  }
  if (/^-?[\d.,'’\s]*\d[\d.,'’\s]*$/u.test(text) && !jsonNumber.test(text) && /[,'’\s]/u.test(text))
    return 'Write the number with a point and without separators: 1234.5.';
  if (!jsonNumber.test(text) || (isInteger && !Number.isInteger(Number(text))))
    return isInteger ? 'Enter a whole number.' : 'Enter a number.';
  if (!isSafeNumber(text)) return 'This number is too precise for a form. Edit it as JSON.';
  return Number(text);
}
