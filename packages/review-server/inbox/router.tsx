import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { ApprovalPane } from './approval/approval-pane.tsx';
import { readFilterSearch } from './filters.ts';
import { InboxPage, NothingOpen } from './list/inbox-page.tsx';
import { readRunSearch } from './runs/run-search.ts';
import { AnyPage } from './shell/any-page.tsx';
import { lazyPart } from './ui/lazy-part.tsx';
import { SignedIn } from './shell/signed-in.tsx';

const LinkPage = lazyPart(async () => (await import('./session/link-page.tsx')).LinkPage);
const NotFoundPage = lazyPart(async () => (await import('./shell/not-found-page.tsx')).NotFoundPage);

const rootRoute = createRootRoute({ component: AnyPage, notFoundComponent: NotFoundPage });

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: ({ token, problem }: Record<string, unknown>): { token?: string; problem?: string } => ({
    ...(typeof token === 'string' ? { token } : {}),
    ...(typeof problem === 'string' ? { problem } : {}),
  }),
  component: LinkPage,
});

const signedInRoute = createRoute({ getParentRoute: () => rootRoute, id: 'signed-in', component: SignedIn });
const inboxRoute = createRoute({
  getParentRoute: () => signedInRoute,
  id: 'inbox',
  validateSearch: readFilterSearch,
  component: InboxPage,
});
const listRoute = createRoute({ getParentRoute: () => inboxRoute, path: '/', component: NothingOpen });
const approvalRoute = createRoute({
  getParentRoute: () => inboxRoute,
  path: '/approvals/$id',
  component: ApprovalPane,
});

const runsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/runs',
  component: lazyRouteComponent(() => import('./runs/runs-page.tsx'), 'RunsPage'),
  validateSearch: readRunSearch,
});
const runRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/runs/$id',
  component: lazyRouteComponent(() => import('./runs/run-page.tsx'), 'RunPage'),
});

const adminRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/admin',
  component: lazyRouteComponent(() => import('./admin/admin-page.tsx'), 'AdminPage'),
});
const adminPages = [
  createRoute({
    getParentRoute: () => adminRoute,
    path: '/users',
    component: lazyRouteComponent(() => import('./admin/users-page.tsx'), 'UsersPage'),
  }),
  createRoute({
    getParentRoute: () => adminRoute,
    path: '/passkeys',
    component: lazyRouteComponent(() => import('./admin/passkeys-page.tsx'), 'PasskeysPage'),
  }),
  createRoute({
    getParentRoute: () => adminRoute,
    path: '/groups',
    component: lazyRouteComponent(() => import('./admin/groups-page.tsx'), 'GroupsPage'),
  }),
  createRoute({
    getParentRoute: () => adminRoute,
    path: '/keys',
    component: lazyRouteComponent(() => import('./admin/keys-page.tsx'), 'KeysPage'),
  }),
  createRoute({
    getParentRoute: () => adminRoute,
    path: '/api-keys',
    component: lazyRouteComponent(() => import('./admin/gateway-keys-page.tsx'), 'GatewayKeysPage'),
  }),
  createRoute({
    getParentRoute: () => adminRoute,
    path: '/assistants',
    component: lazyRouteComponent(() => import('./admin/assistants-page.tsx'), 'AssistantsPage'),
  }),
  createRoute({
    getParentRoute: () => adminRoute,
    path: '/rules',
    component: lazyRouteComponent(() => import('./admin/rules-page.tsx'), 'RulesPage'),
  }),
  createRoute({
    getParentRoute: () => adminRoute,
    path: '/deliveries',
    component: lazyRouteComponent(() => import('./admin/deliveries-page.tsx'), 'DeliveriesPage'),
    validateSearch: ({ approval, state }: Record<string, unknown>): { approval?: string; state?: string } => ({
      ...(typeof approval === 'string' ? { approval } : {}),
      ...(typeof state === 'string' ? { state } : {}),
    }),
  }),
  createRoute({
    getParentRoute: () => adminRoute,
    path: '/audit',
    component: lazyRouteComponent(() => import('./admin/audit-page.tsx'), 'AuditPage'),
  }),
] as const;

/** Every address of the page. The query is plain text, so that an address can be read and typed. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([
    loginRoute,
    signedInRoute.addChildren([
      inboxRoute.addChildren([listRoute, approvalRoute]),
      runsRoute,
      runRoute,
      adminRoute.addChildren(adminPages),
    ]),
  ]),
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(
      Object.entries(search as Record<string, string | undefined>).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ).toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
