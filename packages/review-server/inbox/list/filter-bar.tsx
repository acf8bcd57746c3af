import { MagnifyingGlassIcon } from '@heroicons/react/16/solid';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { facetsQuery } from '../api/queries.ts';
import type { Sort } from '../../src/contract/reviewer-api.ts';
import { isNarrowed, isOpenBox, type Filters, type FilterSearch, type filterNames } from '../filters.ts';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { PlainButton } from '../ui/plain-button.tsx';
import { FilterChoice } from './filter-choice.tsx';
import { useListChoice } from './list-choice.ts';
import { useHeldShortcuts } from '../shell/shortcuts.ts';
import { useMySettings } from '../session/my-settings.ts';
import { lazyPart } from '../ui/lazy-part.tsx';

const SavedFilters = lazyPart(async () => (await import('./saved-filters.tsx')).SavedFilters, {
  placeholder: <SavedFilterKeys />,
});

const typingMs = 250;

const riskOptions = [
  { id: 'critical', text: 'Critical' },
  { id: 'high', text: 'High' },
  { id: 'medium', text: 'Medium' },
  { id: 'low', text: 'Low' },
];
const sortOptions = [
  { id: 'risk', text: 'By risk' },
  { id: 'age', text: 'Oldest first' },
];
const statusOptions = [
  { id: 'approved', text: 'Approved' },
  { id: 'rejected', text: 'Rejected' },
  { id: 'expired', text: 'Expired' },
  { id: 'withdrawn', text: 'Withdrawn' },
];

/** Search, filters, order and grouping. The address holds all of them. */
export function FilterBar({
  filters,
  isGrouped,
  searchField,
}: {
  filters: Filters;
  isGrouped: boolean;
  searchField: RefObject<HTMLInputElement | null>;
}) {
  const { data: facets } = useQuery(facetsQuery);
  const { savedFilters = [] } = useMySettings();
  const navigate = useNavigate();
  const narrow = (name: (typeof filterNames)[number] | 'sort' | 'group', value: string | undefined) =>
    void navigate({
      to: '.',
      search: (search) => ({ ...search, [name]: value === '' ? undefined : value }),
      replace: true,
    });
  const [typed, setTyped] = useTyped(filters.q ?? '', (text) => narrow('q', text));
  const named = (names: readonly string[] | undefined, chosen: string | undefined) =>
    [...new Set([...(names ?? []), ...(chosen === undefined ? [] : [chosen])])].map((name) => ({
      id: name,
      text: literalTitle(name),
    }));
  return (
    <div className="filter-bar" role="search" aria-label="Requests" tabIndex={-1}>
      <div className="search" data-empty={typed === '' ? true : undefined}>
        <MagnifyingGlassIcon aria-hidden="true" />
        <input
          ref={searchField}
          type="search"
          aria-label="Search summaries, arguments, notes and IDs"
          placeholder="Search"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={(event) => {
            // The first Esc clears the field, the next one leaves it.
            if (event.key !== 'Escape' || typed === '') return;
            event.preventDefault();
            setTyped('');
          }}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <div className="filters">
        {filters.box === 'all' && <span className="filters-box">All requests:</span>}
        <FilterChoice
          label="Assistant"
          any="Any assistant"
          value={filters.assistant}
          entries={named(facets?.assistants, filters.assistant)}
          onChange={(value) => narrow('assistant', value)}
        />
        <FilterChoice
          label="Action"
          any="Any action"
          value={filters.action}
          entries={named(facets?.actions, filters.action)}
          onChange={(value) => narrow('action', value)}
        />
        <FilterChoice
          label="Risk"
          any="Any risk"
          value={filters.risk}
          entries={riskOptions}
          onChange={(value) => narrow('risk', value)}
        />
        {filters.box !== 'done' && (
          <FilterChoice
            label="Assigned"
            any="Anybody’s"
            value={filters.assigned}
            entries={[{ id: 'me', text: 'Mine' }]}
            onChange={(value) => narrow('assigned', value)}
          />
        )}
        {((facets?.turns && filters.box === 'all') || filters.waitingFor !== undefined) && (
          <FilterChoice
            label="Turn"
            any="Anyone’s turn"
            value={filters.waitingFor}
            entries={[{ id: 'me', text: 'Waiting for me' }]}
            onChange={(value) => narrow('waitingFor', value)}
          />
        )}
        {(filters.box === 'done' || filters.box === 'all') && (
          <FilterChoice
            label="Status"
            any="Any status"
            value={filters.status}
            entries={statusOptions}
            onChange={(value) => narrow('status', value)}
          />
        )}
        {isOpenBox(filters.box) && (
          <>
            <FilterChoice
              label="Sort"
              any="By deadline"
              value={filters.sort === 'deadline' ? undefined : filters.sort}
              entries={sortOptions}
              onChange={(value = 'deadline') => {
                useListChoice.setState({ sort: value as Sort });
                narrow('sort', value);
              }}
            />
            <PlainButton
              look="quiet"
              size="small"
              aria-label="Group like requests"
              aria-pressed={isGrouped}
              onPress={() => {
                const group = isGrouped ? 'none' : 'like';
                useListChoice.setState({ group });
                narrow('group', group);
              }}
            >
              Group
            </PlainButton>
          </>
        )}
        {isNarrowed(filters) && (
          <PlainButton
            look="quiet"
            size="small"
            onPress={() => {
              setTyped('');
              void navigate({ to: '.', search: clearedSearch, replace: true });
            }}
          >
            Clear filters
          </PlainButton>
        )}
      </div>
      {(savedFilters.length > 0 || isNarrowed(filters)) && <SavedFilters filters={filters} />}
    </div>
  );
}

function SavedFilterKeys() {
  useHeldShortcuts('saved filters', ['f']);
  return null;
}

/** The address without filters. Box, order and grouping stay. */
function clearedSearch({ box, sort, group }: FilterSearch): FilterSearch {
  return { ...(box && { box }), ...(sort && { sort }), ...(group && { group }) };
}

/** The typed text. It follows the address, and the address follows it 250 ms after the last key. */
function useTyped(text: string, onRest: (text: string) => void): [string, (text: string) => void] {
  const [{ typed, follows }, setState] = useState({ typed: text, follows: text });
  const setTyped = (next: string) => setState({ typed: next, follows: text });
  if (follows !== text) setState({ typed: text, follows: text });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return [
    typed,
    (next) => {
      setTyped(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => onRest(next.trim()), typingMs);
    },
  ];
}
