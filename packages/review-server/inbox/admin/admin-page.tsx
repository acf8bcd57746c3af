import { Link, Navigate, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import type { Role } from '../../src/contract/session.ts';
import { useMe } from '../session/session.ts';

const adminPages = [
  { to: '/admin/users', name: 'Users', for: ['admin'] },
  { to: '/admin/passkeys', name: 'Passkeys', for: ['admin', 'auditor'] },
  { to: '/admin/groups', name: 'Groups', for: ['admin', 'auditor'] },
  { to: '/admin/keys', name: 'Connection Keys', for: ['admin', 'auditor'] },
  { to: '/admin/api-keys', name: 'API keys', for: ['admin', 'auditor'] },
  { to: '/admin/assistants', name: 'Assistants', for: ['admin', 'auditor'] },
  { to: '/admin/rules', name: 'Rules', for: ['admin', 'auditor'] },
  { to: '/admin/deliveries', name: 'Deliveries', for: ['admin', 'auditor'] },
  { to: '/admin/audit', name: 'Audit', for: ['admin', 'auditor'] },
] as const satisfies readonly { to: string; name: string; for: readonly Role[] }[];

/** The frame of the administration. The pages depend on the role, which the server checks again. */
export function AdminPage() {
  const me = useMe();
  const nav = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  useEffect(() => {
    // On a phone the links are one line that scrolls sideways.
    [...(nav.current?.querySelectorAll('a') ?? [])]
      .find(({ pathname }) => pathname === path)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  }, [path]);
  const pages = adminPages.filter(({ for: roles }) => roles.some((role) => me.may(role)));
  if (pages.length === 0)
    return (
      <main id="main" className="admin-main">
        <h1>No access</h1>
        <p>
          You need the role “admin” or “auditor”. <Link to="/">Go to inbox</Link>
        </p>
      </main>
    );
  if (/^\/admin\/?$/.test(path)) return <Navigate to={pages[0]!.to} replace />;
  return (
    <div className="admin">
      <nav ref={nav} className="admin-nav" aria-label="Administration">
        {pages.map(({ to, name }) => (
          <Link key={to} to={to}>
            {name}
          </Link>
        ))}
      </nav>
      <main id="main" className="admin-main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

/** Title, description and buttons of a page. */
export function AdminHeader({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Holdpoint`;
  }, [title]);
  return (
    <header className="admin-header">
      <div>
        <h1>{title}</h1>
        <p className="quiet-text">{children}</p>
      </div>
      <div className="admin-actions">{actions}</div>
    </header>
  );
}
