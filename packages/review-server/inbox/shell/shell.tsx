import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { useCallback, useRef, useState, type ReactNode } from 'react';
import { UNSAFE_PortalProvider } from 'react-aria/PortalProvider';
import { useLive } from '../api/live.ts';
import { countsQuery } from '../api/queries.ts';
import { HeldBar } from '../decide/held-bar.tsx';
import { useMe } from '../session/session.ts';
import { lazyPart } from '../ui/lazy-part.tsx';
import { PlainIconButton } from '../ui/plain-button.tsx';
import { needsYouText } from '../wording.ts';
import { QuestionMarkCircleIcon } from '@heroicons/react/20/solid';
import { AssignedNotice } from './assigned-notice.tsx';
import { Brand } from './brand.tsx';
import { useFocusKeeper } from './focus-keeper.ts';
import { useNotifications } from './use-notifications.ts';
import { useShortcuts } from './shortcuts.ts';
import { UserMenu } from './user-menu.tsx';

const HelpDialog = lazyPart(async () => (await import('./help-dialog.tsx')).HelpDialog, {
  close: ({ onClose }) => onClose(),
});

/** The frame of every page: header, live updates, help. */
export function Shell({ isSignedOut, children }: { isSignedOut: boolean; children: ReactNode }) {
  const me = useMe();
  const area = useRouterState({ select: ({ location }) => /^\/(admin|runs)/.exec(location.pathname)?.[1] ?? 'inbox' });
  const isAdmin = me.may('admin') || me.may('auditor');
  const [helpIsOpen, setHelpOpen] = useState(false);
  const notify = useNotifications();
  const { data: counts } = useQuery(countsQuery);
  const isLive = useLive(useCallback((id: string) => notify(id), [notify]));
  useShortcuts({ '?': () => setHelpOpen(true) });
  useFocusKeeper();
  const overlays = useRef<HTMLDivElement>(null);
  return (
    // Overlays render inside the header, so that they belong to a landmark.
    <UNSAFE_PortalProvider getContainer={() => overlays.current}>
      <div className="shell">
        <a className="skip-link" href="#main">
          Skip to content
        </a>
        <header className="shell-header">
          <Link to="/" className="brand-link">
            <Brand />
          </Link>
          {(isAdmin || me.may('operator')) && (
            <nav aria-label="Main" className="areas">
              <Link to="/" aria-current={area === 'inbox' ? 'page' : undefined} activeOptions={{ exact: true }}>
                Inbox
              </Link>
              <Link to="/runs" aria-current={area === 'runs' ? 'page' : undefined}>
                Runs
              </Link>
              {isAdmin && (
                <Link
                  to={me.may('admin') ? '/admin/users' : '/admin/audit'}
                  aria-current={area === 'admin' ? 'page' : undefined}
                >
                  Admin
                </Link>
              )}
            </nav>
          )}
          <span className="shell-space" />
          {/* Announces new requests to screen readers. */}
          <span className="visually-hidden" role="status">
            {counts !== undefined && needsYouText(counts.needsYou)}
          </span>
          <span className="live" role="status" data-live={isLive && !isSignedOut}>
            {isSignedOut ? 'Signed out' : isLive ? 'Live' : 'Reconnecting…'}
          </span>
          <PlainIconButton
            label="Keyboard shortcuts (?)"
            icon={<QuestionMarkCircleIcon />}
            onPress={() => setHelpOpen(true)}
          />
          <UserMenu />
          <div ref={overlays} />
        </header>
        <HeldBar />
        <AssignedNotice />
        {children}
        {helpIsOpen && <HelpDialog onClose={() => setHelpOpen(false)} />}
      </div>
    </UNSAFE_PortalProvider>
  );
}
