import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Preview } from '@holdpoint/cheqpoint/wire';
import type { ReviewerApproval } from '../src/contract/reviewer-api.ts';
import { previewDigest, shownDigest } from '../src/contract/shown-digest.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const preview: Preview = { type: 'email', to: ['ana@example.org'], subject: 'Hello', body: 'Text' };
const other: Preview = { ...preview, body: 'Another text' };
const seal = (digest: string | null) => ({
  to: 'ana',
  holdpoint: { kind: 'call', mac: 'm', ...(digest === null ? {} : { preview: digest }) },
});

onBothDatabases((newDatabase) => {
  describe('preview', () => {
    let server: TestServer;
    beforeAll(
      async () =>
        void (server = await startTestServer(await newDatabase(), {
          limits: { loopProtection: { identicalRequests: 1000, withinSeconds: 60 } },
        })),
    );
    afterAll(() => server.close());

    const read = async (id: string) =>
      (await server.get<ReviewerApproval>(`/reviewer-api/approvals/${id}`, await server.bearer())).body;

    it('sent → shown as sent, in no list, and part of the digest of what is shown', async () => {
      const [plain, shown] = [(await server.ask()).body.id, (await server.ask({ preview })).body.id];
      expect((await read(plain)).preview).toBe(null);
      const approval = await read(shown);
      expect(approval.preview).toEqual(preview);
      expect(approval.shown).toBe(shownDigest(approval));
      expect(approval.shown).not.toBe(shownDigest({ ...approval, preview: null }));
      expect((await server.get('/reviewer-api/approvals?box=all', await server.bearer())).text).not.toContain(
        'ana@example.org',
      );
    });

    it.each([null, other])('decision on another preview (%o) → 409, still open', async (seen) => {
      const id = (await server.ask({ preview })).body.id;
      const shown = shownDigest({ ...(await read(id)), preview: seen });
      expect((await server.decide(id, { decision: 'approve', shown })).status).toBe(409);
      expect((await read(id)).status).toBe('PENDING');
      expect((await server.decide(id, { decision: 'approve', shown: (await read(id)).shown })).status).toBe(200);
    });

    it.each<[string, Preview | undefined, string | null]>([
      ['another than the sealed one', other, previewDigest(preview)],
      ['none where one is sealed', undefined, previewDigest(preview)],
      ['one where none is sealed', preview, null],
    ])('%s → 400, nothing stored', async (_what, sent, digest) => {
      const { status, text } = await server.ask({ details: seal(digest), ...(sent && { preview: sent }) });
      expect([status, text]).toEqual([400, expect.stringContaining('preview: it is not the one that the seal')]);
    });

    it('the sealed one → stored', async () => {
      const { status } = await server.ask({ details: seal(previewDigest(preview)), preview });
      expect(status).toBe(200);
    });

    it.each([
      ['a remote image', { type: 'image', data: 'https://evil.example/a.png', alt: '' }],
      ['an SVG', { type: 'image', data: 'data:image/svg+xml;base64,PHN2Zz4=', alt: '' }],
      ['HTML named PNG', { type: 'image', data: 'data:image/png;base64,PGh0bWw+', alt: '' }],
      ['a quote in an image', { type: 'image', data: 'data:image/png;base64,iVBORw0KGgo"onerror', alt: '' }],
      ['an unknown type', { type: 'html', html: '<b>' }],
      ['too many rows', { type: 'table', columns: ['a'], rows: Array.from({ length: 1001 }, () => ['x']) }],
      ['a ragged row', { type: 'table', columns: ['a', 'b'], rows: [['x']] }],
      ['too long a text', { type: 'markdown', text: 'x'.repeat(200_001) }],
    ])('%s → 400 that names the field', async (_what, bad) => {
      const { status, text } = await server.ask({ preview: bad });
      expect([status, text]).toEqual([400, expect.stringMatching(/preview/)]);
    });
  });
});
