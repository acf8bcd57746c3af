import { literalParts, type LiteralReason } from '../../src/contract/literal-parts.ts';

const titles: { [why in Exclude<LiteralReason, 'lookalike'>]: string } = {
  invisible: 'Invisible or direction-changing character',
  combining: 'Mark that is drawn on the character before it',
  edge: 'Space or line break at the start or the end',
};

/**
 * The exact text. Invisible and misleading characters are shown with their code points. With `edges`, so are spaces at
 * the start and the end.
 */
export function LiteralText({ children, edges = false }: { children: string; edges?: boolean }) {
  return literalParts(children, { edges }).map((part, index) => {
    if ('text' in part) return part.text;
    return part.why === 'lookalike' ? (
      <span key={index} className="lookalike" title={`${part.codePoint}: not the ASCII character that it looks like`}>
        {part.character}
        <span className="code-point">{part.codePoint}</span>
      </span>
    ) : (
      <span key={index} className="code-point" data-why={part.why} title={titles[part.why]}>
        {part.codePoint}
      </span>
    );
  });
}
