import { ChevronDownIcon, ChevronRightIcon } from '@heroicons/react/16/solid';
import { useQueries } from '@tanstack/react-query';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { recordQuery } from '../api/records.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { PlainButton } from '../ui/plain-button.tsx';
import { shortened } from '../wording.ts';
import { argumentColumns, differencesOf } from './argument-columns.ts';
import type { GroupEntry } from './list-entries.ts';

/** Members whose arguments are compared in the list. The table compares all. */
const mostCompared = 50;

/** The head of a group of like requests: their number, their action, and how their arguments differ. */
export function GroupRow({
  group: { members, isOpen },
  selected,
  onSelect,
  onOpen,
  onReview,
}: {
  group: GroupEntry;
  selected: ReadonlySet<string>;
  onSelect: ((ids: readonly string[], isSelected: boolean) => void) | undefined;
  onOpen: (isOpen: boolean) => void;
  onReview: (() => void) | undefined;
}) {
  const { action, assistant } = members[0]!;
  const ids = members.map(({ id }) => id);
  const chosen = ids.filter((id) => selected.has(id)).length;
  const name = `${members.length} × ${literalTitle(action)}`;
  const Chevron = isOpen ? ChevronDownIcon : ChevronRightIcon;
  return (
    <div className="row row-group" data-selected={chosen === ids.length}>
      {onSelect !== undefined && (
        <label className="row-select">
          <input
            type="checkbox"
            checked={chosen === ids.length}
            ref={(box) => {
              if (box !== null) box.indeterminate = chosen > 0 && chosen < ids.length;
            }}
            onChange={() => onSelect(ids, chosen !== ids.length)}
            aria-label={`Select all: ${name}`}
          />
        </label>
      )}
      <button type="button" className="row-link" aria-expanded={isOpen} onClick={() => onOpen(!isOpen)}>
        <span className="row-line">
          <span className="row-title">
            <Chevron aria-hidden="true" />
            <span>
              {members.length} × <LiteralText>{action}</LiteralText>
            </span>
          </span>
        </span>
        <span className="row-line row-facts">
          <strong>
            <LiteralText>{assistant}</LiteralText>
          </strong>
          <span className="row-differences">
            <Differences ids={ids} />
          </span>
        </span>
      </button>
      {onReview !== undefined && (
        <span className="row-review">
          <PlainButton size="small" aria-label={`Review ${name}`} onPress={onReview}>
            Review {members.length}…
          </PlainButton>
        </span>
      )}
    </div>
  );
}

function Differences({ ids }: { ids: readonly string[] }) {
  const compared = ids.slice(0, mostCompared);
  const records = useQueries({ queries: compared.map((id) => recordQuery(id)) }).flatMap(({ data }) => data ?? []);
  if (records.length < compared.length) return null;
  const differences = differencesOf(argumentColumns(records), records.length);
  const rest = ids.length > compared.length ? ` (first ${compared.length})` : '';
  return (
    <LiteralText>
      {differences.length === 0 ? `Same arguments${rest}` : shortened(differences.join(' · ') + rest, 160)}
    </LiteralText>
  );
}
