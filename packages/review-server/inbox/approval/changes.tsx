import { diffLines, diffWordsWithSpace, type ChangeObject } from 'diff';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { isExactNumber } from '@holdpoint/json';
import { LiteralText } from '../ui/literal-text.tsx';
import { changesBetween, type Change } from './details.ts';

const shortCharacters = 60;

/** The changes of an edit, old and new. */
export function Changes({ original, edited }: { original: WireObject; edited: WireObject }) {
  const changes = changesBetween(original, edited);
  if (changes.length === 0) return <p className="quiet-text">No changes.</p>;
  return (
    <dl className="changes">
      {changes.map((change) => (
        <div key={change.key} className="changes-entry">
          <dt>
            <LiteralText edges>{change.key}</LiteralText>
          </dt>
          <dd>
            <OldAndNew change={change} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function OldAndNew({ change: { from, to } }: { change: Change }) {
  if (from === undefined)
    return (
      <>
        <Hidden>added:</Hidden>
        <ins>
          <LiteralText>{valueText(to)}</LiteralText>
        </ins>
      </>
    );
  if (to === undefined)
    return (
      <>
        <Hidden>removed:</Hidden>
        <del>
          <LiteralText>{valueText(from)}</LiteralText>
        </del>
      </>
    );
  if (typeof from === 'string' && typeof to === 'string' && Math.max(from.length, to.length) > shortCharacters)
    return <Diff parts={diffWordsWithSpace(from, to)} />;
  if (isBig(from) || isBig(to)) return <Diff parts={diffLines(valueText(from), valueText(to))} />;
  return (
    <>
      <Hidden>from</Hidden>
      <del>
        <LiteralText>{valueText(from)}</LiteralText>
      </del>
      <span aria-hidden="true" className="changes-arrow">
        →
      </span>
      <Hidden>to</Hidden>
      <ins>
        <LiteralText>{valueText(to)}</LiteralText>
      </ins>
    </>
  );
}

function Diff({ parts }: { parts: readonly ChangeObject<string>[] }) {
  return (
    <span className="diff">
      {parts.map(({ value, added, removed }, index) =>
        added ? (
          <ins key={index}>
            <LiteralText>{value}</LiteralText>
          </ins>
        ) : removed ? (
          <del key={index}>
            <LiteralText>{value}</LiteralText>
          </del>
        ) : (
          <LiteralText key={index}>{value}</LiteralText>
        ),
      )}
    </span>
  );
}

function Hidden({ children }: { children: string }) {
  return <span className="visually-hidden">{children} </span>;
}

function isBig(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isExactNumber(value);
}

function valueText(value: unknown): string {
  return isBig(value) ? JSON.stringify(value, null, 2) : JSON.stringify(value);
}
