import { useState } from 'react';
import { Button } from './button.tsx';
import { LiteralText } from './literal-text.tsx';

const shortCharacters = 1200;
const shortLines = 16;

/** A literal text. A long one shows its beginning, the number of hidden characters and a button that shows all. */
export function LongText({ children: text, lines = shortLines }: { children: string; lines?: number }) {
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
            {(text.length - beginning.length).toLocaleString('en')} of {all} hidden.
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
  // A few more characters or lines need no button.
  if (text.length <= shortCharacters * 1.2 && text.length - end < 200) return text;
  return text.slice(0, Math.min(end, shortCharacters));
}
