import { describe, expect, it } from 'vitest';
import { cutText, longestTexts } from '../../src/activities/request-texts.ts';

describe('cutText', () => {
  it('text of the longest length → as it is', () => {
    const text = 'x'.repeat(longestTexts.summary);
    expect(cutText(text, longestTexts.summary, 'the log has all')).toBe(text);
  });

  it('longer text → exactly the longest length, and it says how much is missing and where it is', () => {
    const cut = cutText('abc '.repeat(14_000), longestTexts.summary, 'the log has all');
    expect(cut).toHaveLength(longestTexts.summary);
    expect(cut).toMatch(/^abc abc .* … \[cut: 55,\d{3} of 56,000 characters; the log has all\]$/);
    const [, missing] = /cut: ([\d,]+) of/.exec(cut)!;
    expect(56_000 - Number(missing!.replace(',', ''))).toBe(cut.indexOf(' … [cut'));
  });

  it('cut inside a character → still well-formed', () => {
    for (const most of [200, 201]) expect(cutText('😀'.repeat(500), most, 'the log has all').isWellFormed()).toBe(true);
  });
});
