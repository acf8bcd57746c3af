import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { Sort } from '../../src/contract/reviewer-api.ts';
import type { GroupChoice } from '../filters.ts';

type ListChoice = { sort: Sort; group: GroupChoice };

const first: ListChoice = { sort: 'deadline', group: 'none' };

/** How this browser showed open requests last. An address without an order or grouping is shown like that. */
export const useListChoice = create<ListChoice>()(persist(() => first, { name: 'holdpoint-list' }));
