import { BookmarkIcon, XMarkIcon } from '@heroicons/react/16/solid';
import { Link, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { SavedFilter } from '../../src/contract/settings.ts';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { isNarrowed, readFilterSearch, type Filters, type FilterSearch } from '../filters.ts';
import { useChangeSettings } from '../session/change-settings.ts';
import { useMySettings } from '../session/my-settings.ts';
import { usePressHeld, useShortcuts } from '../shell/shortcuts.ts';
import { lazyPart } from '../ui/lazy-part.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { PlainButton, PlainIconButton } from '../ui/plain-button.tsx';
import { problemText } from '../api/request.ts';

const SaveFilterDialog = lazyPart(async () => (await import('./save-filter-dialog.tsx')).SaveFilterDialog, {
  close: ({ onClose }) => onClose(),
});

/** The user's saved filters as links, and the button that saves the present one. F moves the focus here. */
export function SavedFilters({ filters }: { filters: Filters }) {
  const search = useSearch({ from: '/signed-in/inbox' });
  const { savedFilters = [] } = useMySettings();
  const { change, error } = useChangeSettings();
  const [isSaving, setSaving] = useState(false);
  const row = useRef<HTMLElement>(null);
  const query = queryOf(search);
  const current = savedFilters.find((each) => each.query === query);
  const canSave = current === undefined && isNarrowed(filters);
  useShortcuts({ f: () => row.current?.querySelector<HTMLElement>('a, button')?.focus() });
  usePressHeld('saved filters');
  return (
    <nav ref={row} aria-label="Saved filters" className="saved-filters" tabIndex={-1}>
      {savedFilters.map((filter) => (
        <Link
          key={filter.name}
          to="/"
          search={searchOf(filter)}
          className="saved-filter"
          aria-current={filter === current ? 'page' : undefined}
          activeOptions={{ exact: true }}
        >
          <BookmarkIcon aria-hidden="true" />
          <LiteralText>{filter.name}</LiteralText>
        </Link>
      ))}
      {current !== undefined && (
        <PlainIconButton
          label={`Remove the saved filter “${literalTitle(current.name)}”`}
          icon={<XMarkIcon />}
          onPress={() => change({ savedFilters: savedFilters.filter((each) => each !== current) })}
        />
      )}
      {canSave && (
        <PlainButton
          look="quiet"
          size="small"
          icon={<BookmarkIcon aria-hidden="true" />}
          onPress={() => setSaving(true)}
        >
          Save filter…
        </PlainButton>
      )}
      {error !== null && <Notice tone="bad">{problemText(error)} The saved filters were not changed.</Notice>}
      {isSaving && (
        <SaveFilterDialog
          names={savedFilters.map(({ name }) => name)}
          onSave={(name) =>
            change({ savedFilters: [...savedFilters.filter((each) => each.name !== name), { name, query }] })
          }
          onClose={() => setSaving(false)}
        />
      )}
    </nav>
  );
}

/** The query of the address, the same for the same filters. */
function queryOf(search: FilterSearch): string {
  const entries = Object.entries(search).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return new URLSearchParams(entries).toString();
}

function searchOf({ query }: SavedFilter): FilterSearch {
  return readFilterSearch(Object.fromEntries(new URLSearchParams(query)));
}
