import type { Box, ListApprovals } from '../src/contract/reviewer-api.ts';

/** Which approvals the list shows; the address has it, so that it can be sent to somebody. */
export type Filters = { box: Box } & { [Name in (typeof NARROWING)[number]]?: string };

/** What narrows a box, by the names that address and API share. */
export const NARROWING = [
  'q',
  'assistant',
  'action',
  'risk',
  'status',
] as const satisfies readonly (keyof ListApprovals)[];

/** What the address says of them; the first box goes without saying. */
export type FilterSearch = Partial<Filters>;

const BOXES: readonly string[] = ['needs-you', 'waiting', 'done', 'all'] satisfies Box[];

/** Reads the address; what it does not know is left out. */
export function readFilterSearch(search: Record<string, unknown>): FilterSearch {
  const read: FilterSearch = {};
  if (typeof search['box'] === 'string' && BOXES.includes(search['box']) && search['box'] !== 'needs-you')
    read.box = search['box'] as Box;
  for (const name of NARROWING) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') read[name] = value;
  }
  return read;
}

export function toFilters(search: FilterSearch): Filters {
  return { box: 'needs-you', ...search };
}

/** Whether anything but the box narrows the list. */
export function isNarrowed(filters: Filters): boolean {
  return NARROWING.some((name) => filters[name] !== undefined);
}
