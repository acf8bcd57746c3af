import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Box, countLimit as serverLimit, Counts } from '../../src/contract/reviewer-api.ts';
import { countsQuery } from '../api/queries.ts';
import type { Filters, FilterSearch } from '../filters.ts';

const countLimit: typeof serverLimit = 10_000;

const boxes: readonly { box: Box; name: string; count: keyof Counts }[] = [
  { box: 'needs-you', name: 'Needs you', count: 'needsYou' },
  { box: 'waiting', name: 'With others', count: 'waiting' },
  { box: 'done', name: 'Done', count: 'done' },
];

/** The three boxes with their counts. Changing the box keeps the filters. */
export function Boxes({
  filters: { box: current },
  search: { box: _box, status: _status, ...narrowed },
}: {
  filters: Filters;
  search: FilterSearch;
}) {
  const { data: counts } = useQuery(countsQuery);
  return (
    <nav aria-label="Boxes" className="boxes">
      {boxes.map(({ box, name, count }) => (
        <Link
          key={box}
          to="/"
          search={{ ...narrowed, ...(box === 'needs-you' ? {} : { box }) }}
          className="box"
          aria-current={box === current ? 'page' : undefined}
          activeOptions={{ exact: true }}
        >
          {name}
          {counts !== undefined && (
            <span className="count" data-urgent={box === 'needs-you' && counts.needsYou > 0}>
              {countText(counts[count])}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}

function countText(count: number): string {
  return count >= countLimit
    ? `${(countLimit / 1000).toFixed(0)}k+`
    : count >= 1000
      ? `${(Math.floor(count / 100) / 10).toFixed(1)}k`
      : String(count);
}
