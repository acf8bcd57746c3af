import type { OpenAPIHono } from '@hono/zod-openapi';
import { CONNECTION_KEY_HEADER } from '@holdpoint/cheqpoint/wire';
import manifest from '../../package.json' with { type: 'json' };

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** The OpenAPI document of the server's routes, from the schemas that check the requests. */
export function createOpenApiDocument(app: OpenAPIHono): OpenApiDocument {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Holdpoint review server',
      version: manifest.version,
      description: 'Cheqpoint’s API, and the API for reviewers and administrators. Errors are `{ "error": "<text>" }`.',
    },
  });
}

/** The two ways to authenticate, as the document names them. */
export function registerSecurity({ openAPIRegistry }: OpenAPIHono): void {
  openAPIRegistry.registerComponent('securitySchemes', 'connectionKey', {
    type: 'apiKey',
    in: 'header',
    name: CONNECTION_KEY_HEADER,
  });
  openAPIRegistry.registerComponent('securitySchemes', 'signIn', { type: 'http', scheme: 'bearer' });
}
