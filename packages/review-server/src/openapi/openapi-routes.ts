import type { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { createOpenApiDocument, type OpenApiDocument } from './openapi-document.ts';
import { openApiPage, openApiStyle } from './openapi-page.ts';

/** The OpenAPI document of `app`, as JSON and as a page. Public: the document holds nothing secret. */
export function openApiRoutes(app: OpenAPIHono): Hono {
  const routes = new Hono();
  let cached: OpenApiDocument | undefined;
  const document = () => (cached ??= createOpenApiDocument(app));
  routes.get('/openapi.json', (c) => c.json(document()));
  routes.get('/openapi', (c) => c.html(openApiPage(document())));
  routes.get('/openapi.css', (c) =>
    c.body(openApiStyle, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' }),
  );
  return routes;
}
