import { OpenAPIHono } from '@hono/zod-openapi';
import { presetsSchema, type Presets } from '@holdpoint/cheqpoint/wire';
import { changeSettingsSchema, settingsSchema, type Settings } from '../contract/settings.ts';
import { addRoute } from '../openapi/add-route.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { changeSettings, readSettings } from '../store/user-settings.ts';
import { readBody } from './read-body.ts';
import { signedIn, type ReviewerVariables } from './reviewer-session.ts';

export type QuickNotes = {
  /** General quick notes of this server, by language. */
  presets: Presets;
};

/** The settings of the signed-in user, and the quick notes of this server. */
export function settingsRoutes({
  store,
  presets,
}: QuickNotes & { store: ReviewStore }): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    { method: 'get', path: '/settings', tag: 'sign-in', summary: 'Show your settings', answer: settingsSchema },
    async (c) => c.json((await readSettings(store, signedIn(c).id)) satisfies Settings),
  );
  addRoute(
    routes,
    {
      method: 'patch',
      path: '/settings',
      tag: 'sign-in',
      summary: 'Change some of your settings',
      body: changeSettingsSchema,
      answer: settingsSchema,
    },
    async (c) => {
      const { parsed } = await readBody(c, changeSettingsSchema);
      return c.json((await changeSettings(store, signedIn(c).id, parsed)) satisfies Settings);
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/presets',
      tag: 'sign-in',
      summary: 'Show the quick notes of this server, by language',
      answer: presetsSchema,
    },
    (c) => {
      signedIn(c);
      return c.json(presets);
    },
  );
  return routes;
}
