import { MagnifyingGlassIcon } from '@heroicons/react/16/solid';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { Input, SearchField } from 'react-aria-components';
import { facetsQuery } from '../api/queries.ts';
import type { Sort } from '../../src/contract/reviewer-api.ts';
import { isNarrowed, isOpenBox, type Filters, type FilterSearch, type filterNames } from '../filters.ts';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/field.tsx';
import { useListChoice } from './list-choice.ts';
import { SavedFilters } from './saved-filters.tsx';

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
      <SearchField
        className="search"
        aria-label="Search summaries, arguments, notes and IDs"
        value={typed}
        onChange={setTyped}
      >
        <MagnifyingGlassIcon aria-hidden="true" />
        <Input ref={searchField} placeholder="Search" />
        <kbd aria-hidden="true">/</kbd>
      </SearchField>
      <div className="filters">
        {filters.box === 'all' && <span className="filters-box">All requests:</span>}
        <Choice
          hideLabel
          label="Assistant"
          any="Any assistant"
          value={filters.assistant}
          entries={named(facets?.assistants, filters.assistant)}
          onChange={(value) => narrow('assistant', value)}
        />
        <Choice
          hideLabel
          label="Action"
          any="Any action"
          value={filters.action}
          entries={named(facets?.actions, filters.action)}
          onChange={(value) => narrow('action', value)}
        />
        <Choice
          hideLabel
          label="Risk"
          any="Any risk"
          value={filters.risk}
          entries={riskOptions}
          onChange={(value) => narrow('risk', value)}
        />
        {filters.box !== 'done' && (
          <Choice
            hideLabel
            label="Assigned"
            any="Anybody’s"
            value={filters.assigned}
            entries={[{ id: 'me', text: 'Mine' }]}
            onChange={(value) => narrow('assigned', value)}
          />
        )}
        {(facets?.turns || filters.waitingFor !== undefined) && filters.box !== 'done' && (
          <Choice
            hideLabel
            label="Turn"
            any="Anyone’s turn"
            value={filters.waitingFor}
            entries={[{ id: 'me', text: 'Waiting for me' }]}
            onChange={(value) => narrow('waitingFor', value)}
          />
        )}
        {(filters.box === 'done' || filters.box === 'all') && (
          <Choice
            hideLabel
            label="Status"
            any="Any status"
            value={filters.status}
            entries={statusOptions}
            onChange={(value) => narrow('status', value)}
          />
        )}
        {isOpenBox(filters.box) && (
          <>
            <Choice
              hideLabel
              label="Sort"
              any="By deadline"
              value={filters.sort === 'deadline' ? undefined : filters.sort}
              entries={sortOptions}
              onChange={(value = 'deadline') => {
                useListChoice.setState({ sort: value as Sort });
                narrow('sort', value);
              }}
            />
            <Button
              look="quiet"
              size="small"
              aria-pressed={isGrouped}
              onPress={() => {
                const group = isGrouped ? 'none' : 'like';
                useListChoice.setState({ group });
                narrow('group', group);
              }}
            >
              Group like requests
            </Button>
          </>
        )}
        {isNarrowed(filters) && (
          <Button
            look="quiet"
            size="small"
            onPress={() => {
              setTyped('');
              void navigate({ to: '.', search: clearedSearch, replace: true });
            }}
          >
            Clear filters
          </Button>
        )}
      </div>
      <SavedFilters filters={filters} />
    </div>
  );
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
