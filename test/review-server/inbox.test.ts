import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onBothDatabases } from './on-both-databases.ts';
import { EMAIL_BLAST, PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

const XSS = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)></textarea></pre>${7*7}{{7*7}}';
const LOGIN_TOKEN = 'one-time-token-of-the-test';

/** What a browser without JavaScript does. */
interface Browser {
  open(path: string): Promise<{ status: number; html: string; location: string | null; headers: Headers }>;
  submit(path: string, form: Record<string, string>, headers?: Record<string, string>): ReturnType<Browser['open']>;
}

function browse(url: string): Browser {
  let cookie = '';
  const call = async (path: string, init: RequestInit) => {
    const response = await fetch(url + path, { ...init, redirect: 'manual', headers: { ...(init.headers as Record<string, string>), ...(cookie ? { cookie } : {}) } });
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    return { status: response.status, html: await response.text(), location: response.headers.get('location'), headers: response.headers };
  };
  return {
    open: (path) => call(path, {}),
    submit: (path, form, headers = { origin: url }) => call(path, { method: 'POST', body: new URLSearchParams(form), headers }),
  };
}

onBothDatabases((newDatabase) => {
  let server: TestServer;
  let shiftMs = 0;
  beforeAll(async () => {
    server = await startTestServer(await newDatabase(), { loginToken: LOGIN_TOKEN, clock: () => new Date(Date.now() + shiftMs) });
  });
  afterAll(() => server.close());

  const signedIn = async (name: keyof typeof PASSWORDS = 'ana') => {
    const browser = browse(server.url);
    expect(await browser.submit('/login', { name, password: PASSWORDS[name], next: '/' })).toMatchObject({ status: 303, location: '/' });
    return browser;
  };

  describe('signing in', () => {
    it('is asked for first, and leads back to the page that was wanted', async () => {
      const browser = browse(server.url);
      expect(await browser.open('/approvals/req_x?a=b')).toMatchObject({ status: 303, location: '/login?next=%2Fapprovals%2Freq_x%3Fa%3Db' });
      expect((await browser.open('/login?next=/approvals/req_x')).html).toContain('value="/approvals/req_x"');
      expect(await browser.submit('/login', { name: 'ana', password: PASSWORDS.ana, next: '/approvals/req_x' })).toMatchObject({ location: '/approvals/req_x' });
    });

    it.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])('leads nowhere else: %s', async (next) => {
      expect(await browse(server.url).submit('/login', { name: 'ana', password: PASSWORDS.ana, next })).toMatchObject({ status: 303, location: '/' });
    });

    it('fails alike for a wrong password and an unknown name', async () => {
      const answers = [await browse(server.url).submit('/login', { name: 'ben', password: 'wrong' }), await browse(server.url).submit('/login', { name: 'nobody', password: 'wrong' })];
      for (const { status, html } of answers) expect([status, html.includes('Wrong name or password.')]).toEqual([401, true]);
    });

    it('works once by the one-time link, and opening the link alone does nothing', async () => {
      const browser = browse(server.url);
      expect((await browser.open(`/login?token=${LOGIN_TOKEN}`)).html).toContain(LOGIN_TOKEN);
      expect((await browser.open('/')).status).toBe(303);
      expect((await browser.submit('/login', { token: LOGIN_TOKEN })).status).toBe(303);
      expect((await browser.open('/')).html).toContain('ana');
      for (const token of [LOGIN_TOKEN, 'a token that is wrong']) expect((await browse(server.url).submit('/login', { token })).status).toBe(401);
    });

    it('gives a cookie that scripts can’t read and other sites can’t send with a form', async () => {
      const { headers } = await browse(server.url).submit('/login', { name: 'ana', password: PASSWORDS.ana });
      expect(headers.get('set-cookie')).toMatch(/HttpOnly/);
      expect(headers.get('set-cookie')).toMatch(/SameSite=Lax/);
    });

    it('ends by signing out, and by itself after twelve hours', async () => {
      const browser = await signedIn();
      await browser.submit('/logout', {});
      expect((await browser.open('/')).status).toBe(303);
      const other = await signedIn();
      shiftMs += 12 * 3_600_000 + 1000;
      expect((await other.open('/')).status).toBe(303);
    });
  });

  describe('deciding on the page', () => {
    const askAndOpen = async (more: object = {}) => {
      const browser = await signedIn();
      const { body: { id } } = await server.ask(more);
      return { browser, id, submit: (form: Record<string, string>, headers?: Record<string, string>) => browser.submit(`/approvals/${id}/decide`, form, headers), read: async () => (await server.get(`/api/approvals/${id}`)).body };
    };

    it.each([
      ['approve', { note: 'Go.' }, { status: 'APPROVED', modifiedDetails: null, decisionNote: 'Go.', decidedBy: 'ana' }],
      ['reject', { note: '' }, { status: 'REJECTED', decisionNote: null }],
      ['approve-with-edits', { edited: JSON.stringify({ ...EMAIL_BLAST.details, recipient_count: 50 }) }, { status: 'APPROVED', modifiedDetails: { ...EMAIL_BLAST.details, recipient_count: 50 } }],
    ])('works for %s', async (answer, form, wanted) => {
      const { id, submit, read } = await askAndOpen();
      expect(await submit({ answer, ...form })).toMatchObject({ status: 303, location: `/approvals/${id}` });
      expect(await read()).toMatchObject(wanted);
    });

    it.each([
      ['happened', { status: 'APPROVED', modifiedDetails: null }],
      ['not-happened', { status: 'APPROVED', modifiedDetails: { outcome: 'not_happened', holdpoint: { kind: 'outcome', mac: 'm' } } }],
      ['give-up', { status: 'REJECTED', modifiedDetails: null }],
    ])('has the answer %s for an unknown outcome', async (answer, wanted) => {
      const { browser, id, submit, read } = await askAndOpen({ action: 'refund:outcome-unknown', details: { outcome: 'happened', holdpoint: { kind: 'outcome', mac: 'm' } } });
      const { html } = await browser.open(`/approvals/${id}`);
      for (const button of ['It happened', 'It did not happen', 'Give up']) expect(html).toContain(`>${button}<`);
      await submit({ answer });
      expect(await read()).toMatchObject(wanted);
    });

    it.each([['no JSON', '{"template":'], ['a list', '[]'], ['missing keys', '{"recipient_count":1}']])('gives an edit with %s back, with what was typed, and stays open', async (_what, edited) => {
      const { submit, read } = await askAndOpen();
      const { status, html } = await submit({ answer: 'approve-with-edits', edited, note: 'my note' });
      expect(status).toBe(422);
      expect(html).toContain('my note');
      expect(html).toContain(edited.replaceAll('"', '&quot;'));
      expect((await read()).status).toBe('PENDING');
    });

    it('does not approve the original for somebody who changed it and pressed the wrong button', async () => {
      const { browser, id, submit, read } = await askAndOpen();
      const { html } = await browser.open(`/approvals/${id}`);
      const unchanged = /<textarea id="edited"[^>]*>\n([^<]*)/.exec(html)![1]!.replaceAll('&quot;', '"');
      expect((await submit({ answer: 'approve', edited: unchanged.replace('500', '50') })).status).toBe(422);
      expect((await read()).status).toBe('PENDING');
      // Browsers send CRLF.
      expect((await submit({ answer: 'approve', edited: unchanged.replaceAll('\n', '\r\n') })).status).toBe(303);
      expect(await read()).toMatchObject({ status: 'APPROVED', modifiedDetails: null });
    });

    it('tells the later of two that it is decided, by whom, and keeps the note', async () => {
      const { id, submit } = await askAndOpen();
      await server.decide(id, { decision: 'approve' }, 'ben');
      const { status, html } = await submit({ answer: 'reject', note: 'my long note' });
      expect([status, html.includes('Already approved by ben'), html.includes('my long note')]).toEqual([409, true, true]);
    });

    it('is refused without a sign-in, from another site and without a known answer', async () => {
      const { id, submit, read } = await askAndOpen();
      expect((await browse(server.url).submit(`/approvals/${id}/decide`, { answer: 'approve' })).location).toMatch(/^\/login/);
      expect((await submit({ answer: 'approve' }, { origin: 'https://evil.example' })).status).toBe(403);
      expect((await submit({ answer: 'approve' }, { origin: 'null', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
      expect((await submit({ answer: 'whatever' })).status).toBe(422);
      expect((await read()).status).toBe('PENDING');
    });

    it('never happens by a GET', async () => {
      const { browser, id, read } = await askAndOpen();
      for (const path of [`/approvals/${id}/decide?answer=approve`, `/approvals/${id}?answer=approve`, `/reviewer-api/approvals/${id}/decide?decision=approve`]) await browser.open(path);
      expect((await read()).status).toBe('PENDING');
    });
  });

  describe('what the pages show', () => {
    it('is escaped in every field that others fill', async () => {
      const browser = await signedIn();
      const { body: { id } } = await server.ask({ action: XSS.slice(0, 200), summary: XSS, justification: XSS, riskLevel: '<b>odd</b>', priority: XSS, agentName: XSS, runUrl: 'https://run.example/?a="><script>alert(1)</script>', details: { [XSS]: XSS, holdpoint: { context: { [XSS]: XSS } } } });
      const pages = [await browser.open(`/approvals/${id}`), await browser.open('/')];
      await browser.submit(`/approvals/${id}/decide`, { answer: 'approve-with-edits', edited: JSON.stringify({ [XSS]: 'changed' }), note: XSS });
      pages.push(await browser.open(`/approvals/${id}`), await browser.open('/?status=decided'), await browser.submit(`/approvals/${id}/decide`, { answer: XSS, note: XSS, edited: XSS }));
      for (const { html, headers } of pages) {
        expect(html).not.toMatch(/<(script|img|b)\b/i);
        expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/);
      }
      expect(pages[0]!.html).toContain('&lt;script&gt;');
    });

    it('names invisible and direction-changing characters, also in the text to edit', async () => {
      const browser = await signedIn();
      const { body: { id } } = await server.ask({ summary: 'pay \u202Eevil\u2066', details: { to: 'a\u200Bb\u00A0c\u{E0041}', line: 'x\ny' } });
      const { html } = await browser.open(`/approvals/${id}`);
      for (const name of ['U+202E', 'U+2066', 'U+200B', 'U+00A0', 'U+E0041']) expect(html).toContain(`<span class="invisible">${name}</span>`);
      expect(html).not.toMatch(/[\u202E\u2066\u200B\u00A0]/);
      expect(html).toContain('a\\u200bb\\u00a0c\\udb40\\udc41');
      const edited = /<textarea id="edited"[^>]*>([^<]*)/.exec(html)![1]!.replaceAll('&quot;', '"');
      expect(JSON.parse(edited)).toEqual({ to: 'a\u200Bb\u00A0c\u{E0041}', line: 'x\ny' });
    });

    it('is the arguments without Holdpoint’s reserved key, the context beside them, and the model’s words marked as such', async () => {
      const browser = await signedIn();
      const { body: { id } } = await server.ask({ details: { to: 'ana', holdpoint: { mac: 'hidden-mac', justificationFrom: 'model', context: { requestedBy: 'zoe' } } } });
      const { html } = await browser.open(`/approvals/${id}`);
      expect(html).not.toContain('hidden-mac');
      expect(html).toContain('requestedBy');
      expect(html).toContain('in the model’s own words');
      const { body: { id: plain } } = await server.ask();
      expect((await browser.open(`/approvals/${plain}`)).html).not.toContain('own words');
    });

    it('is what waits and what is done, in pages, and nothing of an unknown approval', async () => {
      const browser = await signedIn();
      const { body: { id } } = await server.ask({ summary: 'newest of all' });
      expect((await browser.open('/')).html).toContain('newest of all');
      await server.decide(id, { decision: 'reject', note: 'n' });
      expect((await browser.open('/')).html).not.toContain('newest of all');
      expect((await browser.open('/?status=decided')).html).toContain('newest of all');
      expect((await browser.open('/approvals/req_unknown')).status).toBe(404);
    });
  });
});
