import { literalParts } from '../literal-parts.ts';

/** The text as it is, with every character named that a reader could not see or would mistake. */
export function LiteralText({ children }: { children: string }) {
  return literalParts(children).map((part, index) => {
    if ('text' in part) return part.text;
    return part.why === 'invisible' ? (
      <span key={index} className="code-point" title="An invisible or direction-changing character">
        {part.codePoint}
      </span>
    ) : (
      <span
        key={index}
        className="lookalike"
        title={`${part.codePoint}: a letter of another script that looks like a Latin one`}
      >
        {part.character}
        <span className="code-point">{part.codePoint}</span>
      </span>
    );
  });
}
