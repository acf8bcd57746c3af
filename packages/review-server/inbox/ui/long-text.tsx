import { useState } from 'react';
import { Button } from './button.tsx';
import { LiteralText } from './literal-text.tsx';

const SHORT_CHARACTERS = 1200;
const SHORT_LINES = 16;

/** A literal text of any length: the beginning of a long one, how much is missing, and a button that shows all. */
export function LongText({ children: text, lines = SHORT_LINES }: { children: string; lines?: number }) {
  const [isOpen, setOpen] = useState(false);
  const beginning = beginningOf(text, lines);
  if (beginning === text) return <LiteralText>{text}</LiteralText>;
  const all = `${text.length.toLocaleString('en')} characters`;
  return (
    <>
      <LiteralText>{isOpen ? text : `${beginning}…`}</LiteralText>
      <span className="long-text-more">
        {!isOpen && (
          <span className="long-text-missing">
            {(text.length - beginning.length).toLocaleString('en')} of {all} are not shown.
          </span>
        )}
        <Button size="small" onPress={() => setOpen(!isOpen)}>
          {isOpen ? 'Show less' : `Show all ${all}`}
        </Button>
      </span>
    </>
  );
}

function beginningOf(text: string, lines: number): string {
  const end = text.split('\n', lines).join('\n').length;
  // A few characters or lines more are shown rather than offered.
  if (text.length <= SHORT_CHARACTERS * 1.2 && text.length - end < 200) return text;
  return text.slice(0, Math.min(end, SHORT_CHARACTERS));
}
