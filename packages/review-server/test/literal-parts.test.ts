import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editableJson, literalParts, literalTitle, withEscapes } from '../src/contract/literal-parts.ts';

const marked = (text: string, edges = false) =>
  literalParts(text, { edges }).flatMap((part) => ('text' in part ? [] : [`${part.why} ${part.codePoint}`]));

describe('literalParts', () => {
  it.each([
    ['Cyrillic letter in a Latin word', 'p\u0430ypal', ['lookalike U+0430']],
    ['Greek letter in a Latin word', 'am\u03BFunt', ['lookalike U+03BF']],
    [
      'word of Cyrillic look-alikes only',
      '\u0441\u043E\u0440\u0443',
      ['U+0441', 'U+043E', 'U+0440', 'U+0443'].map((each) => `lookalike ${each}`),
    ],
    ['word of Cherokee look-alikes only', '\u13AA\u13E2', ['lookalike U+13AA', 'lookalike U+13E2']],
    ['Latin letter of phonetics', 'p\u0251y', ['lookalike U+0251']],
    ['bold letter for mathematics', '\u{1D429}ay', ['lookalike U+1D429']],
    ['full-width letter', '\uFF50ay', ['lookalike U+FF50']],
    ['ligature', '\uFB01re', ['lookalike U+FB01']],
    ['division slash in an address', 'pay.com\u2215x', ['lookalike U+2215']],
    ['Arabic digit among others', '1\u06600', ['lookalike U+0660']],
    ['Arabic digits without Arabic text', '\u0665\u0660', ['lookalike U+0665', 'lookalike U+0660']],
    ['combining acute', 'a\u0301b', ['combining U+0301']],
    ['mark without a letter', ' \u093F', ['combining U+093F']],
    ['five marks on a letter', '\u0915\u093F\u093F\u093F\u093F\u093F', ['combining U+093F']],
    ['direction override', 'a\u202Eb', ['invisible U+202E']],
    ['tag character', 'a\u{E0041}', ['invisible U+E0041']],
    ['no-break space', 'a\u00A0b', ['invisible U+00A0']],
  ])('%s → marked', (_, text, marks) => {
    expect(marked(text)).toEqual(marks);
  });

  it.each([
    'Zoë, naïve, Straße, İstanbul’da ılık, Nº 5, 10 µm, 3 m²',
    'Оса летит. Привет, как дела?',
    'Καλημέρα κόσμε',
    'שלום עולם',
    'المبلغ ٥٠ ريال',
    '東京ＡＢＣ：１２',
    '한국어 iPhone',
    'ใช้iPhone',
    'नमस्ते',
    'it’s “ok” – 5 € …',
  ])('ordinary text “%s” → not marked', (text) => {
    expect(marked(text)).toEqual([]);
  });

  it('another string of the same JSON is Russian → a look-alike key is still marked', () => {
    const json = JSON.stringify({ '\u0441\u043E\u0440\u0443': 1, note: 'Привет' });
    expect(marked(json)).toHaveLength(4);
    expect(marked('am\u043Funt \u0441\u043E\u0440\u0443')).toHaveLength(5);
  });

  it('spaces and line breaks at the edges → marked on request, equal ones together', () => {
    expect(marked(' a b  \n', true)).toEqual(['edge U+0020', 'edge U+0020 ×2', 'edge U+000A']);
    expect(marked('   ', true)).toEqual(['edge U+0020 ×3']);
    expect(marked(' a ')).toEqual([]);
  });

  it('any text → the parts together are the text, and escapes inside JSON keep the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, edges) => {
        const parts = literalParts(text, { edges });
        expect(parts.map((part) => ('text' in part ? part.text : part.character)).join('')).toBe(text);
        expect(JSON.parse(editableJson({ [text]: text }))).toEqual({ [text]: text });
      }),
    );
  });

  it('places without markup → code points in brackets; terminals → escapes, line breaks and tabs stay', () => {
    expect(literalTitle('p\u0430y \u202E a\u0301')).toBe('p\u0430[U+0430]y [U+202E] a[U+0301]');
    expect(withEscapes('p\u0430y\u202E\n\ta\u0301')).toBe('p\\u0430y\\u202e\n\ta\\u0301');
  });

  it('long text → time grows with its length, not with its square', () => {
    const timeOf = (words: number) => {
      const text = 'p\u0430y\u0301 '.repeat(words);
      const start = performance.now();
      literalParts(text);
      return performance.now() - start;
    };
    timeOf(1000);
    expect(timeOf(40_000)).toBeLessThan(40 * timeOf(4000) + 200);
  });
});
