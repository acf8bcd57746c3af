import { literalParts } from '../literal-parts.ts';

/** The exact text. Invisible and misleading characters are shown with their code points. */
export function LiteralText({ children }: { children: string }) {
  return literalParts(children).map((part, index) => {
    if ('text' in part) return part.text;
    return part.why === 'invisible' ? (
      <span key={index} className="code-point" title="Invisible or direction-changing character">
        {part.codePoint}
      </span>
    ) : (
      <span
        key={index}
        className="lookalike"
        title={`${part.codePoint}: not a Latin letter, although it looks like one`}
      >
        {part.character}
        <span className="code-point">{part.codePoint}</span>
      </span>
    );
  });
}
