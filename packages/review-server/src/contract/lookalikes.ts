import { letterLookalikes, separatorLookalikes } from './lookalike-characters.ts';

const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;
const nonAscii = /[\u0080-\u{10FFFF}]/u;
/** One line, or one string of a JSON text. */
const segmentPattern = /[^"\n]+/g;
const latinPattern = /\p{Script=Latin}/u;
/** Scripts that no language mixes with Latin letters in one word, and whose letters look like them. */
const nearLatinPattern =
  /\p{Script=Cyrillic}|\p{Script=Greek}|\p{Script=Armenian}|\p{Script=Cherokee}|\p{Script=Coptic}|\p{Script=Lisu}/u;
const eastAsianPattern =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Bopomofo}/u;
const foreignLetterPattern = /(?!\p{Script=Latin}|\p{Script=Common}|\p{Script=Inherited})\p{L}/gu;
const foreignDigitPattern = /(?![0-9])\p{Nd}/u;
/** Full-width and small forms of ASCII. East Asian texts use them. */
const wideFormPattern = /[\uFE50-\uFE6B\uFF01-\uFF5E]/u;
/** Letters and digits for mathematics, such as bold ones. */
const mathematicalPattern = /[\u{1D400}-\u{1D7FF}]/u;
const ordinals = new Set(['ª', 'º']);

type Lookalike = { character: string; index: number };

/** Facts about a segment that decide whether a word of it is ordinary. */
type Surroundings = { isEastAsian: boolean; isForeign: boolean; ordinaryScripts: ReadonlySet<string> };

/**
 * Characters that pass for ASCII ones, by the rules of Unicode Technical Standard 39: other scripts inside a Latin
 * word, words made of look-alikes only, compatibility forms, foreign digits, and separators. A word of a script is
 * ordinary when the same line or JSON string has a whole word of that script with letters that look like no Latin
 * letter.
 */
export function lookalikesIn(text: string): Lookalike[] {
  if (!nonAscii.test(text)) return [];
  return Array.from(text.matchAll(segmentPattern)).flatMap(({ 0: segment, index: start }) =>
    lookalikesInSegment(segment).map(({ character, index }) => ({ character, index: start + index })),
  );
}

function lookalikesInSegment(text: string): Lookalike[] {
  if (!nonAscii.test(text)) return [];
  const found: Lookalike[] = [];
  const around = surroundingsOf(text);
  for (const { 0: word, index: start } of text.matchAll(wordPattern)) {
    if (!nonAscii.test(word)) continue;
    const isLookalike = testOf(word, around);
    let index = start;
    for (const character of word) {
      if (nonAscii.test(character) && isLookalike(character)) found.push({ character, index });
      index += character.length;
    }
  }
  let index = 0;
  for (const character of text) {
    const isWide = wideFormPattern.test(character) && !/[\p{L}\p{N}]/u.test(character);
    if (
      (isWide && !around.isEastAsian) ||
      (separatorLookalikes.has(character) && isBesideAscii(text, index, character.length))
    )
      found.push({ character, index });
    index += character.length;
  }
  return found;
}

/** The test of one character of the word. */
function testOf(
  word: string,
  { isEastAsian, isForeign, ordinaryScripts }: Surroundings,
): (character: string) => boolean {
  const isLatin = latinPattern.test(word);
  const letters = Array.from(word).filter((character) => /\p{L}/u.test(character));
  const isOnlyLookalikes =
    letters.length > 0 &&
    letters.every((letter) => letterLookalikes.has(letter) && !ordinaryScripts.has(scriptOf(letter)));
  const isMixed = new Set(letters.filter((letter) => nearLatinPattern.test(letter)).map(scriptOf)).size > 1;
  return (character) => {
    if (mathematicalPattern.test(character)) return true;
    if (isAsciiForm(character)) return !(isEastAsian && wideFormPattern.test(character));
    if (foreignDigitPattern.test(character)) return isLatin || /[0-9]/.test(word) || !isForeign;
    if (latinPattern.test(character)) return letterLookalikes.has(character);
    if (isLatin && nearLatinPattern.test(character)) return true;
    return letterLookalikes.has(character) && (isLatin || isOnlyLookalikes || isMixed);
  };
}

function surroundingsOf(text: string): Surroundings {
  const foreign = text.match(foreignLetterPattern) ?? [];
  const ordinary = (text.match(wordPattern) ?? [])
    .filter((word) => !latinPattern.test(word))
    .flatMap((word) => word.match(foreignLetterPattern) ?? []);
  return {
    isEastAsian: eastAsianPattern.test(text),
    isForeign: foreign.length > 0,
    ordinaryScripts: new Set(ordinary.filter((letter) => !letterLookalikes.has(letter)).map(scriptOf)),
  };
}

/** True for a letter or digit that NFKC turns into ASCII, such as a full-width one. Ordinals are spelling. */
function isAsciiForm(character: string): boolean {
  return (
    /\p{L}|\p{Nd}|\p{Nl}/u.test(character) &&
    !ordinals.has(character) &&
    /^[A-Za-z0-9]+$/.test(character.normalize('NFKC'))
  );
}

function isBesideAscii(text: string, index: number, length: number): boolean {
  return /[A-Za-z0-9]/.test(text.charAt(index - 1) + text.charAt(index + length));
}

const scripts = ['Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic', 'Lisu', 'Hebrew', 'Arabic', 'Georgian'].map(
  (name) => ({ name, pattern: new RegExp(`\\p{Script=${name}}`, 'u') }),
);

function scriptOf(letter: string): string {
  return scripts.find(({ pattern }) => pattern.test(letter))?.name ?? 'other';
}
