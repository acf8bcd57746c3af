import { Hono } from 'hono';
import { createOpenApiDocument, type OpenApiDocument } from './openapi-document.ts';
import { OPENAPI_STYLE, openApiPage } from './openapi-page.ts';

/** The document of the API, for programs and as a page. Needs no key: what it says is in the sources. */
export function openApiRoutes(): Hono {
  const routes = new Hono();
  let made: OpenApiDocument | undefined;
  const document = () => (made ??= createOpenApiDocument());
  routes.get('/openapi.json', (c) => c.json(document()));
  routes.get('/openapi', (c) => c.html(openApiPage(document())));
  routes.get('/openapi.css', (c) =>
    c.body(OPENAPI_STYLE, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' }),
  );
  return routes;
}
