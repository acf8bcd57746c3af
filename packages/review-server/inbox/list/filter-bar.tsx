import { MagnifyingGlassIcon } from '@heroicons/react/16/solid';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { Input, SearchField } from 'react-aria-components';
import { facetsQuery } from '../api/queries.ts';
import { isNarrowed, type Filters, type filterNames } from '../filters.ts';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/field.tsx';

const typingMs = 250;

const riskOptions = [
  { id: 'critical', text: 'Critical' },
  { id: 'high', text: 'High' },
  { id: 'medium', text: 'Medium' },
  { id: 'low', text: 'Low' },
];
const statusOptions = [
  { id: 'approved', text: 'Approved' },
  { id: 'rejected', text: 'Rejected' },
  { id: 'expired', text: 'Expired' },
  { id: 'withdrawn', text: 'Withdrawn' },
];

/** Search and filters. The address holds all of them. */
export function FilterBar({
  filters,
  searchField,
}: {
  filters: Filters;
  searchField: RefObject<HTMLInputElement | null>;
}) {
  const { data: facets } = useQuery(facetsQuery);
  const navigate = useNavigate();
  const narrow = (name: (typeof filterNames)[number], value: string | undefined) =>
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
        {isNarrowed(filters) && (
          <Button
            look="quiet"
            size="small"
            onPress={() => {
              setTyped('');
              void navigate({ to: '.', search: ({ box }) => (box === undefined ? {} : { box }), replace: true });
            }}
          >
            Clear filters
          </Button>
        )}
      </div>
    </div>
  );
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
