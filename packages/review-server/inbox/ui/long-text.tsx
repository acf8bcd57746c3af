import { Button } from './button.tsx';
import { useFold } from './folds.ts';
import { LiteralText } from './literal-text.tsx';

const shortCharacters = 1200;
const shortLines = 16;

type LongTextProps = {
  children: string;
  /** The length of the beginning. @default 1200 */
  characters?: number;
  /** The lines of the beginning. @default 16 */
  lines?: number;
  /** Marks spaces at the start and the end of the whole text. */
  edges?: boolean;
};

/** A literal text. A long one shows its beginning, the number of hidden characters and a button that shows all. */
export function LongText({
  children: text,
  characters = shortCharacters,
  lines = shortLines,
  edges = false,
}: LongTextProps) {
  const beginning = beginningOf(text, characters, lines);
  const [isOpen, setOpen] = useFold(beginning !== text);
  if (beginning === text) return <LiteralText edges={edges}>{text}</LiteralText>;
  return (
    <>
      <LiteralText edges={edges && isOpen}>{isOpen ? text : `${beginning}…`}</LiteralText>
      <LongTextTools text={text} beginning={beginning} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
    </>
  );
}

/** The number of hidden characters, and the button that shows or hides them. */
export function LongTextTools({
  text,
  beginning,
  isOpen,
  onToggle,
}: {
  text: string;
  beginning: string;
  isOpen: boolean;
  onToggle: () => void;
}) {
  const all = `${text.length.toLocaleString('en')} characters`;
  return (
    <span className="long-text-more">
      {!isOpen && (
        <span className="long-text-missing">
          {(text.length - beginning.length).toLocaleString('en')} of {all} hidden.
        </span>
      )}
      <Button size="small" onPress={onToggle}>
        {isOpen ? 'Show less' : `Show all ${all}`}
      </Button>
    </span>
  );
}

/** The text, or its beginning if more than a few characters or lines are missing. */
export function beginningOf(text: string, characters: number, lines: number): string {
  const end = text.split('\n', lines).join('\n').length;
  // A few more characters or lines need no button.
  if (text.length <= characters * 1.2 && text.length - end < characters / 6) return text;
  return text.slice(0, Math.min(end, characters)).toWellFormed();
}
