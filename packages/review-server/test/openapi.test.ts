import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from './test-server.ts';

type Content = {
  content: Record<
    string,
    { schema: { properties: Record<string, { description?: string; type: unknown }>; required?: string[] } }
  >;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, { requestBody?: Content; responses: Record<string, Content> }>>;
};

type HasContent = { content?: Record<string, unknown> };

/** The zod schema that a route was made from. */
const jsonSchemaOf = (part: HasContent | undefined) =>
  (part?.content?.['application/json'] as { schema?: unknown } | undefined)?.schema;

describe('OpenAPI document', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:');
  });
  afterAll(() => server.close());

  it('routes → all for programs, no others', async () => {
    const { body } = await server.get<Document>('/openapi.json', {});
    const documented = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = server.app.routes
      .filter(({ method, path }) => method !== 'ALL' && /^\/(api|reviewer-api|healthz|readyz)\b/.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(body.openapi).toBe('3.1.0');
    expect(documented.toSorted()).toEqual([...new Set(served)].toSorted());
  });

  it('fields → the same limits as the check', async () => {
    const { body } = await server.get<Document>('/openapi.json', {});
    const { properties, required } =
      body.paths['/api/webhooks/inbound']!['post']!.requestBody!.content['application/json']!.schema;
    expect(required).toEqual(['action', 'summary', 'details']);
    expect(properties).toMatchObject({
      details: { type: 'object' },
      riskScore: { type: ['number', 'null'], minimum: 0, maximum: 1 },
      maxWaitMs: { description: expect.stringContaining('up to 10000') },
    });
    for (const [name, { description }] of Object.entries(properties))
      expect([name, description]).toEqual([name, expect.any(String)]);
  });

  it('fields → nullable and required as in the check', async () => {
    const {
      body: { paths },
    } = await server.get<Document>('/openapi.json', {});
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    let fields = 0;
    const routes = server.app.openAPIRegistry.definitions.flatMap((each) =>
      each.type === 'route' ? [each.route] : [],
    );
    for (const { method, path, request, responses: answers } of routes) {
      const { requestBody, responses } = paths[path]![method]!;
      const status = Object.keys(answers).find((each) => each.startsWith('2'))!;
      for (const [schema, documented] of [
        [jsonSchemaOf(request?.body), requestBody],
        [jsonSchemaOf(answers[status] as HasContent), responses[status]],
      ] as const) {
        if (!(schema instanceof z.ZodObject)) continue;
        const { properties, required = [] } = documented!.content['application/json']!.schema;
        for (const [name, field] of Object.entries(schema.shape)) {
          const said = { null: ajv.validate(properties[name]!, null), leftOut: !required.includes(name) };
          expect([method, path, name, said]).toEqual([
            method,
            path,
            name,
            { null: field.safeParse(null).success, leftOut: field.safeParse(undefined).success },
          ]);
          fields += 1;
        }
      }
    }
    expect(fields).toBeGreaterThan(200);
    expect(
      paths['/api/approvals/request']!['post']!.requestBody!.content['application/json']!.schema.properties,
    ).toMatchObject({
      metadata: { type: ['object', 'null'] },
      trace: { type: ['object', 'null'] },
      argumentsSchema: { type: ['object', 'null'] },
    });
  });

  it('page → no script, nothing from other origins', async () => {
    const { text, headers } = await server.get('/openapi', {});
    expect(headers.get('content-type')).toContain('text/html');
    expect(text).not.toMatch(/<script|https?:\/\/(?!127)/);
    for (const word of [
      '/api/approvals/request',
      'maxWaitMs',
      'object | null',
      '/reviewer-api/rules/try',
      'The assistant is paused.',
    ])
      expect(text).toContain(word);
    expect((await server.get('/openapi.css', {})).headers.get('content-type')).toContain('text/css');
  });
});
