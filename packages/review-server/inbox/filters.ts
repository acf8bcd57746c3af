import type { Box, ListApprovals } from '../src/contract/reviewer-api.ts';

/** The requests that the list shows. The filters are part of the address, so that a link shows the same list. */
export type Filters = { box: Box } & { [Name in (typeof filterNames)[number]]?: string };

/** The filters within a box. Address and API use the same names. */
export const filterNames = [
  'q',
  'assistant',
  'action',
  'risk',
  'status',
] as const satisfies readonly (keyof ListApprovals)[];

/** The filters in the address. The first box is the default and left out. */
export type FilterSearch = Partial<Filters>;

const boxes: readonly string[] = ['needs-you', 'waiting', 'done', 'all'] satisfies Box[];

/** Reads the filters from the address. Unknown boxes and empty values are ignored. */
export function readFilterSearch(search: Record<string, unknown>): FilterSearch {
  const read: FilterSearch = {};
  if (typeof search['box'] === 'string' && boxes.includes(search['box']) && search['box'] !== 'needs-you')
    read.box = search['box'] as Box;
  for (const name of filterNames) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') read[name] = value;
  }
  return read;
}

export function toFilters(search: FilterSearch): Filters {
  return { box: 'needs-you', ...search };
}

/** True if a filter other than the box is set. */
export function isNarrowed(filters: Filters): boolean {
  return filterNames.some((name) => filters[name] !== undefined);
}
