import type { Box, ListApprovals, Sort } from '../src/contract/reviewer-api.ts';

/** The requests that the list shows. The filters are part of the address, so that a link shows the same list. */
export type Filters = { box: Box; sort?: Sort } & { [Name in (typeof filterNames)[number]]?: string };

/** The filters within a box. Address and API use the same names. */
export const filterNames = [
  'q',
  'assistant',
  'action',
  'risk',
  'assigned',
  'status',
  'waitingFor',
] as const satisfies readonly (keyof ListApprovals)[];

/** The filters in the address. The first box is the default and left out. */
export type FilterSearch = Partial<Filters> & { group?: GroupChoice };

/** Whether like requests are one row. */
export type GroupChoice = 'like' | 'none';

const boxes: readonly string[] = ['needs-you', 'waiting', 'done', 'all'] satisfies Box[];
const sorts: readonly string[] = ['deadline', 'risk', 'age'] satisfies Sort[];

/** Reads the filters from the address. Unknown boxes, orders and empty values are ignored. */
export function readFilterSearch(search: Record<string, unknown>): FilterSearch {
  const read: FilterSearch = {};
  if (typeof search['box'] === 'string' && boxes.includes(search['box']) && search['box'] !== 'needs-you')
    read.box = search['box'] as Box;
  if (typeof search['sort'] === 'string' && sorts.includes(search['sort'])) read.sort = search['sort'] as Sort;
  if (search['group'] === 'like' || search['group'] === 'none') read.group = search['group'];
  for (const name of filterNames) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') read[name] = value;
  }
  return read;
}

/** The filters of an address. Without an order in it, open requests have the order that was chosen last. */
export function toFilters({ group: _group, sort, ...search }: FilterSearch, lastSort: Sort): Filters {
  const filters: Filters = { box: 'needs-you', ...search };
  return isOpenBox(filters.box) ? { ...filters, sort: sort ?? lastSort } : filters;
}

/** True for a box of pending requests, which can be sorted and grouped. */
export function isOpenBox(box: Box): boolean {
  return box === 'needs-you' || box === 'waiting';
}

/** True if a filter other than the box is set. */
export function isNarrowed(filters: Filters): boolean {
  return filterNames.some((name) => filters[name] !== undefined);
}
