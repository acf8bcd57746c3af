import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer('sqlite::memory:');
});
afterAll(() => server.close());

const details = { amount: 5, memo: 'thanks' };
const properties = { amount: { type: 'number' }, memo: { type: 'string' } };
const approve = (modifiedDetails: object, more: object = {}) => ({ decision: 'approve', modifiedDetails, ...more });

it('without a schema: a key named in `removed` → removed, and the answer names it', async () => {
  const { id } = (await server.ask({ details })).body;
  const { body } = await server.decide(id, approve({ amount: 4 }));
  expect(body.error).toContain('Missing: memo. To remove a key, name it in "removed".');
  expect((await server.decide(id, approve({ amount: 4 }, { removed: ['memo'] }))).status).toBe(200);
  expect((await server.get(`/api/approvals/${id}`)).body).toMatchObject({
    status: 'APPROVED',
    modifiedDetails: { amount: 4 },
    removedKeys: ['memo'],
  });
});

it.each([
  ['still there', { amount: 4, memo: 'x' }, ['memo']],
  ['never there', details, ['note']],
])('`removed` names a key that is %s → 400', async (_what, edit, removed) => {
  const { id } = (await server.ask({ details })).body;
  expect((await server.decide(id, approve(edit, { removed }))).body.error).toContain(
    'Not removed, or not there before',
  );
});

it('with a schema: a key that it does not require → may be missing; another may not', async () => {
  const argumentsSchema = { type: 'object', properties, required: ['amount'] };
  const { id } = (await server.ask({ details, argumentsSchema })).body;
  expect((await server.decide(id, approve({ memo: 'x' }))).body.error).toContain('amount: is missing');
  expect((await server.decide(id, approve({ amount: 4 }))).status).toBe(200);
});

it.each<[string, object, object, object]>([
  ['cents', { amount: 20.5 }, { amount: { type: 'number', multipleOf: 0.01 } }, { amount: 19.99 }],
  ['nullable', { note: null, n: 1 }, { note: { type: 'string', nullable: true } }, { note: null, n: 2 }],
  ['pattern with \\-', { p: '555-1234' }, { p: { pattern: '^\\d{3}\\-\\d{4}$' } }, { p: '555-4321' }],
  ['flags that JSON schema lacks', { c: 'AB-12', n: 1 }, { c: { pattern: '^[a-z]{2}-\\d+$' } }, { c: 'AB-12', n: 2 }],
  ['letters of all scripts', { n: 'Jörg' }, { n: { pattern: '^[\\p{L} ]+$' } }, { n: 'Zoë' }],
  ['Unicode e-mail', { m: 'a@b.example' }, { m: { type: 'string', format: 'email' } }, { m: 'jörg@münchen.example' }],
  ['relative address', { u: 'x' }, { u: { type: 'string', format: 'uri-reference' } }, { u: '../a?b=ü' }],
  ['integer above 2^53', { i: 1 }, { i: { type: 'integer' } }, { i: 1e18 }],
  ['object as const', { o: { a: 1 }, n: 1 }, { o: { const: { a: 1 } } }, { o: { a: 1 }, n: 2 }],
])('edit that the worker takes, %s → taken', async (_what, asked, schema, edit) => {
  const { id } = (await server.ask({ details: asked, argumentsSchema: { type: 'object', properties: schema } })).body;
  expect(await server.decide(id, approve(edit))).toMatchObject({ status: 200, body: { modifiedDetails: edit } });
});

it('slow pattern of a stranger → answered at once', async () => {
  const argumentsSchema = { type: 'object', properties: { a: { pattern: '^(a+)+$' } } };
  const { id } = (await server.ask({ details: { a: 'a' }, argumentsSchema })).body;
  const started = performance.now();
  expect((await server.decide(id, approve({ a: `${'a'.repeat(60)}b` }))).status).toBe(400);
  expect(performance.now() - started).toBeLessThan(1500);
});
