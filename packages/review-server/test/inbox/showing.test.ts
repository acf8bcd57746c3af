import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { expectSeen, startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';

const XSS = '<script>window.hit=1</script>"\'><img src=x onerror=window.hit=2></textarea></title>${7*7}{{7*7}}';

describe.skipIf(chromiumPath === undefined)('what the inbox shows', () => {
  let inbox: InboxInBrowser;
  let page: Page;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:');
    page = await inbox.open();
  });
  afterAll(() => inbox.close());
  beforeEach(() => {
    inbox.problems.length = 0;
  });

  const ask = async (more: object) => (await inbox.server.ask(more)).body.id;
  const show = async (more: object) => {
    const id = await ask(more);
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return id;
  };
  const main = () => page.getByRole('main');

  it('is text in every field that others fill, and runs nothing of it', async () => {
    const id = await ask({
      action: XSS.slice(0, 200),
      summary: XSS,
      justification: XSS,
      riskLevel: '<b>odd</b>',
      priority: XSS,
      agentName: XSS,
      runUrl: 'https://run.example/?a="><script>window.hit=3</script>',
      workflowUrl: 'https://run.example/#javascript:alert(1)',
      details: {
        [XSS]: XSS,
        list: [XSS],
        holdpoint: {
          justificationFrom: 'model',
          context: { [XSS]: XSS, user: XSS, requestedBy: XSS },
          conversation: [{ role: XSS, text: XSS }],
          because: XSS,
        },
      },
      argumentsSchema: {
        type: 'object',
        title: XSS,
        properties: {
          [XSS]: { type: 'string', title: XSS, description: XSS, enum: [XSS, 'other'] },
          list: { type: 'array', items: { type: 'string', description: XSS } },
        },
      },
    });
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await main().innerText()).toContain(XSS);
    await page.getByRole('button', { name: 'As JSON' }).first().click();
    await page.keyboard.press('e');
    await page.getByRole('heading', { name: 'Changes' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('Note', { exact: true }).fill(XSS);
    await page
      .getByRole('checkbox', { name: /Select/ })
      .first()
      .check();
    await page.getByRole('button', { name: /Look at them/ }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await inbox.server.decide(
      id,
      { decision: 'approve', note: XSS, modifiedDetails: { [XSS]: 'other', list: [`${XSS} `] } },
      'ben',
    );
    await page.getByText('Your note, kept:').waitFor();
    await page.getByRole('link', { name: 'Done' }).click();
    await page
      .getByRole('link', { name: /window\.hit/ })
      .first()
      .click();
    await page.getByText('Changed by ben to').waitFor();
    expect(await page.evaluate('[window.hit, document.querySelectorAll("img, b, script:not([src])").length]')).toEqual([
      undefined,
      0,
    ]);
    expect(inbox.problems).toEqual([]);
  });

  it('comes with a Content Security Policy that lets nothing in from elsewhere', async () => {
    const policy = (await page.goto(inbox.server.url))?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toMatch(/style-src 'self' 'nonce-[\w+/=-]+';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it('names invisible and direction-changing characters and look-alike letters, in the list, the title and the form', async () => {
    await show({
      summary: 'pay \u202Eevil\u2066',
      details: { to: 'a\u200Bb\u00A0c\u{E0041}', at: 'p\u0430ypal', line: 'x\ny' },
    });
    for (const name of ['U+202E', 'U+2066', 'U+200B', 'U+00A0', 'U+E0041', 'U+0430'])
      expect(await main().getByText(name, { exact: true }).first().isVisible()).toBe(true);
    expect(JSON.stringify(/.{20}[\u202E\u2066\u200B\u00A0].{20}/u.exec(await page.locator('body').innerText()))).toBe(
      'null',
    );
    expect(await page.title()).toContain('pay [U+202E]evil[U+2066]');
    expect(await page.getByRole('region', { name: 'Approvals' }).getByText('U+202E').first().isVisible()).toBe(true);
    await page.keyboard.press('e');
    await page.getByText('It holds characters that can’t be seen or mislead').first().waitFor();
    await page.getByRole('button', { name: 'As JSON' }).first().click();
    const json = await page.getByLabel('Arguments as JSON').inputValue();
    expect(json).toContain('a\\u200bb\\u00a0c\\udb40\\udc41');
    expect(JSON.parse(json)).toEqual({ to: 'a\u200Bb\u00A0c\u{E0041}', at: 'p\u0430ypal', line: 'x\ny' });
    await page.keyboard.press('Escape');
  });

  it('is every number as it was written, and an edit of something else leaves it so', async () => {
    const {
      body: { id },
    } = await inbox.server.post(
      '/api/webhooks/inbound',
      '{"action":"pay","summary":"Exact numbers","details":{"account":12345678901234567890,"rate":1.0,"tiny":1e-7,"to":"ana"}}',
    );
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('heading', { level: 1, name: 'Exact numbers' }).waitFor();
    for (const number of ['12345678901234567890', '1.0', '1e-7'])
      expect(await main().getByText(number, { exact: true }).isVisible()).toBe(true);
    await page.keyboard.press('e');
    await page.getByText('a number that a form can’t keep exactly').waitFor();
    const field = page.getByLabel('Arguments as JSON');
    await field.fill((await field.inputValue()).replace('"ana"', '"ben"'));
    await page.getByRole('button', { name: 'Approve with changes' }).click();
    await page.getByText('Approved with changes by you').waitFor();
    expect((await inbox.server.get(`/api/approvals/${id}`)).text).toContain(
      '"modifiedDetails":{"account":12345678901234567890,"rate":1.0,"tiny":1e-7,"to":"ben"}',
    );
  });

  it('keeps the spelling of a number that a form can hold', async () => {
    const {
      body: { id },
    } = await inbox.server.post(
      '/api/webhooks/inbound',
      '{"action":"pay","summary":"Spelled numbers","details":{"rate":1.50,"to":"ana"}}',
    );
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByText('1.50', { exact: true }).waitFor();
    await page.keyboard.press('e');
    await page.getByLabel('to', { exact: true }).fill('ben');
    await page.getByRole('button', { name: 'Approve with changes' }).click();
    await page.getByText('Approved with changes by you').waitFor();
    expect((await inbox.server.get(`/api/approvals/${id}`)).text).toContain(
      '"modifiedDetails":{"rate":1.50,"to":"ben"}',
    );
  });

  it('never cuts a long text or a long list silently', async () => {
    const text = Array.from({ length: 300 }, (_, index) => `line ${index}`).join('\n');
    await show({
      summary: 'Long ones',
      details: { text, list: Array.from({ length: 120 }, (_, index) => `entry ${index}`) },
    });
    expect(await main().innerText()).not.toContain('line 299');
    expect(await main().innerText()).toMatch(/of 2,\d{3} characters are not shown/);
    await page.getByRole('button', { name: /Show all 2,\d{3} characters/ }).click();
    expect(await main().innerText()).toContain('line 299');
    expect(await main().innerText()).toContain('70 more are not shown.');
    await page.getByRole('button', { name: 'Show all 120 entries' }).click();
    expect(await main().innerText()).toContain('entry 119');
  });

  it('is all that there is about the request: who, for whom, why it came, the model’s words marked as such, messages, links, time, history', async () => {
    const envelope = {
      mac: 'hidden-mac',
      kind: 'call',
      risk: 'high',
      justificationFrom: 'model',
      context: { requestedBy: 'zoe' },
    };
    await show({
      summary: 'Everything there is',
      riskLevel: 'high',
      riskScore: 0.75,
      justification: 'I think it helps.',
      agentName: 'Blaster',
      priority: 'urgent',
      runUrl: 'https://run.example/1',
      workflowUrl: 'https://temporal.example/1',
      expiresAt: new Date(Date.now() + 26 * 3_600_000).toISOString(),
      details: { to: 'ana', holdpoint: envelope },
    });
    const text = await main().innerText();
    for (const part of [
      'High risk',
      '0.75',
      'Blaster',
      'comms',
      'urgent',
      'Why, in the model’s own words',
      'not checked by anyone',
      'I think it helps.',
      'Context, for you only',
      'zoe',
      'the run',
      'its Workflow in Temporal',
      'Timeline',
      'At that time',
    ])
      expect(text).toContain(part);
    expect(text).toMatch(/1 d [12] h left/);
    expect(text).not.toContain('hidden-mac');
    expect(await page.getByRole('link', { name: 'the run' }).getAttribute('href')).toBe('https://run.example/1');
    expect(await page.title()).toMatch(/^\(\d+\) Everything there is · Holdpoint$/);
    await show({ summary: 'A plain one' });
    expect(await main().innerText()).not.toContain('own words');
  });

  it('is nothing of an unknown approval, and a way back', async () => {
    await page.goto(`${inbox.server.url}/approvals/req_unknown`);
    await page.getByRole('heading', { name: 'There is no such approval' }).waitFor();
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await expectSeen(page.getByRole('heading', { name: /need/ }));
  });

  it('is a page that says so where the address leads nowhere, and for programs the API’s answer', async () => {
    const answer = await page.goto(`${inbox.server.url}/aprovals/req_1`);
    expect(answer?.status()).toBe(404);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.getByRole('link', { name: 'To the inbox' }).click();
    await page.getByRole('region', { name: 'Approvals' }).waitFor();
    for (const [path, accept] of [
      ['/aprovals', '*/*'],
      ['/api/aprovals', 'text/html'],
      ['/reviewer-api/nothing', 'text/html'],
      ['/assets/nothing.js', 'text/html'],
    ] as const) {
      const { status, text } = await inbox.server.get(path, { accept });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).toMatch(/^\{"error":/);
    }
  });

  it('keeps files of the build for a year, and the page not at all', async () => {
    const page = await inbox.server.get('/', {});
    const file = /src="(\/assets\/[^"]+\.js)"/.exec(page.text)![1]!;
    const script = await inbox.server.get(file, {});
    expect([
      page.headers.get('cache-control'),
      script.headers.get('cache-control'),
      script.headers.get('content-encoding'),
    ]).toEqual(['no-store', 'public, max-age=31536000, immutable', 'gzip']);
    expect((await inbox.server.get('/assets/unknown.js', {})).status).toBe(404);
    expect((await inbox.server.get('/assets/..%2Findex.html', {})).status).toBe(404);
  });
});
