import { expect } from 'vitest';
import { expectSeen } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const xss = '<script>window.hit=1</script>"\'><img src=x onerror=window.hit=2></textarea></title>${7*7}{{7*7}}';

const it = inboxTest().extend('main', ({ page }) => page.getByRole('main'));

describeInBrowser('content of a request', () => {
  it('markup in every field of a request → shown as text, no script runs', async ({ inbox, page, ask, main }) => {
    const id = await ask({
      action: xss.slice(0, 200),
      summary: xss,
      justification: xss,
      riskLevel: '<b>odd</b>',
      priority: xss,
      agentName: xss,
      runUrl: 'https://run.example/?a="><script>window.hit=3</script>',
      workflowUrl: 'https://run.example/#javascript:alert(1)',
      details: {
        [xss]: xss,
        list: [xss],
        holdpoint: {
          justificationFrom: 'model',
          context: { [xss]: xss, user: xss, requestedBy: xss },
          conversation: [{ role: xss, text: xss }],
          because: xss,
        },
      },
      argumentsSchema: {
        type: 'object',
        title: xss,
        properties: {
          [xss]: { type: 'string', title: xss, description: xss, enum: [xss, 'other'] },
          list: { type: 'array', items: { type: 'string', description: xss } },
        },
      },
    });
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await main.innerText()).toContain(xss);
    await page.getByRole('button', { name: 'View as JSON' }).first().click();
    await page.keyboard.press('e');
    await page.getByRole('heading', { name: 'Changes' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('Note', { exact: true }).fill(xss);
    await page
      .getByRole('checkbox', { name: /Select/ })
      .first()
      .check();
    await page.getByRole('button', { name: /Review selected/ }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await inbox.server.decide(
      id,
      { decision: 'approve', note: xss, modifiedDetails: { [xss]: 'other', list: [`${xss} `] } },
      'ben',
    );
    await page.getByText('Your unsent note:').waitFor();
    await page.getByRole('link', { name: 'Done' }).click();
    await page
      .getByRole('link', { name: /window\.hit/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Changes by ben' }).waitFor();
    expect(await page.evaluate('[window.hit, document.querySelectorAll("img, b, script:not([src])").length]')).toEqual([
      undefined,
      0,
    ]);
  });

  it('Content Security Policy → only the own origin', async ({ inbox, page }) => {
    const policy = (await page.goto(inbox.server.url))?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toMatch(/style-src 'self' 'nonce-[\w+/=-]+';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it('invisible, direction-changing and look-alike characters → code points in list, title and form', async ({
    page,
    show,
    main,
  }) => {
    await show({
      summary: 'pay \u202Eevil\u2066',
      details: { to: 'a\u200Bb\u00A0c\u{E0041}', at: 'p\u0430ypal', line: 'x\ny' },
    });
    for (const name of ['U+202E', 'U+2066', 'U+200B', 'U+00A0', 'U+E0041', 'U+0430'])
      expect(await main.getByText(name, { exact: true }).first().isVisible()).toBe(true);
    expect(JSON.stringify(/.{20}[\u202E\u2066\u200B\u00A0].{20}/u.exec(await page.locator('body').innerText()))).toBe(
      'null',
    );
    expect(await page.title()).toContain('pay [U+202E]evil[U+2066]');
    expect(await page.getByRole('region', { name: 'Requests' }).getByText('U+202E').first().isVisible()).toBe(true);
    await page.keyboard.press('e');
    await page.getByText('Contains invisible or misleading characters').first().waitFor();
    await page.getByRole('button', { name: 'Edit as JSON' }).first().click();
    const json = await page.getByLabel('Arguments as JSON').inputValue();
    expect(json).toContain('a\\u200bb\\u00a0c\\udb40\\udc41');
    expect(JSON.parse(json)).toEqual({ to: 'a\u200Bb\u00A0c\u{E0041}', at: 'p\u0430ypal', line: 'x\ny' });
    await page.keyboard.press('Escape');
  });

  it('numbers in any notation → as written, also after an edit of another field', async ({ inbox, page, main }) => {
    const {
      body: { id },
    } = await inbox.server.post(
      '/api/webhooks/inbound',
      '{"action":"pay","summary":"Exact numbers","details":{"account":1234567890123456.0,"rate":1.0,"tiny":1e-7,"to":"ana"}}',
    );
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('heading', { level: 1, name: 'Exact numbers' }).waitFor();
    for (const number of ['1234567890123456.0', '1.0', '1e-7'])
      expect(await main.getByText(number, { exact: true }).isVisible()).toBe(true);
    await page.keyboard.press('e');
    await page.getByText('is too precise for a form').waitFor();
    const field = page.getByLabel('Arguments as JSON');
    await field.fill((await field.inputValue()).replace('"ana"', '"ben"'));
    await page.getByRole('button', { name: 'Approve with changes' }).click();
    await page.getByText('Approved with changes by you').waitFor();
    expect((await inbox.server.get(`/api/approvals/${id}`)).text).toContain(
      '"modifiedDetails":{"account":1234567890123456.0,"rate":1.0,"tiny":1e-7,"to":"ben"}',
    );
  });

  it('number 1.50 → same notation after an edit of another field', async ({ inbox, page }) => {
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

  it('long text and long list → the hidden part is counted and can be shown', async ({ page, show, main }) => {
    const text = Array.from({ length: 300 }, (_, index) => `line ${index}`).join('\n');
    await show({
      summary: 'Long ones',
      details: { text, list: Array.from({ length: 120 }, (_, index) => `entry ${index}`) },
    });
    expect(await main.innerText()).not.toContain('line 299');
    expect(await main.innerText()).toMatch(/of 2,\d{3} characters hidden/);
    await page.getByRole('button', { name: /Show all 2,\d{3} characters/ }).click();
    expect(await main.innerText()).toContain('line 299');
    expect(await main.innerText()).toContain('70 more hidden.');
    await page.getByRole('button', { name: 'Show all 120 entries' }).click();
    expect(await main.innerText()).toContain('entry 119');
  });

  it('request with all facts → all are shown, and the model’s justification is marked', async ({
    page,
    show,
    main,
  }) => {
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
    const text = await main.innerText();
    for (const part of [
      'High risk',
      '0.75',
      'Blaster',
      'comms',
      'urgent',
      'Justification by the model',
      'unverified',
      'I think it helps.',
      'Context for reviewers',
      'zoe',
      'Run',
      'Workflow in Temporal',
      'Timeline',
      'On expiry',
    ])
      expect(text).toContain(part);
    expect(text).toMatch(/1 d [12] h left/);
    expect(text).not.toContain('hidden-mac');
    expect(await page.getByRole('link', { name: 'Run' }).getAttribute('href')).toBe('https://run.example/1');
    expect(await page.title()).toMatch(/^\(\d+\) Everything there is · Holdpoint$/);
    await show({ summary: 'A plain one' });
    expect(await main.innerText()).not.toContain('Justification by the model');
  });

  it('unknown request → “Request not found” and a way back', async ({ inbox, page }) => {
    await page.goto(`${inbox.server.url}/approvals/req_unknown`);
    await page.getByRole('heading', { name: 'Request not found' }).waitFor();
    await page.getByRole('button', { name: 'Back to list' }).click();
    await expectSeen(page.getByRole('heading', { name: /need/ }));
  });

  it('unknown address → a page for browsers, JSON for programs', async ({ inbox, page }) => {
    const answer = await page.goto(`${inbox.server.url}/aprovals/req_1`);
    expect(answer?.status()).toBe(404);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await page.getByRole('link', { name: 'Go to inbox' }).click();
    await page.getByRole('region', { name: 'Requests' }).waitFor();
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

  it('caching → a year for built files, none for the page', async ({ inbox }) => {
    const html = await inbox.server.get('/', {});
    const file = /src="(\/assets\/[^"]+\.js)"/.exec(html.text)![1]!;
    const script = await inbox.server.get(file, {});
    expect([
      html.headers.get('cache-control'),
      script.headers.get('cache-control'),
      script.headers.get('content-encoding'),
    ]).toEqual(['no-store', 'public, max-age=31536000, immutable', 'gzip']);
    expect((await inbox.server.get('/assets/unknown.js', {})).status).toBe(404);
    expect((await inbox.server.get('/assets/..%2Findex.html', {})).status).toBe(404);
  });
});
