import { expect } from 'vitest';
import type { Page } from 'playwright-core';
import { previewDigest } from '../../src/contract/shown-digest.ts';
import type { Preview } from '@holdpoint/cheqpoint/wire';
import { until } from '../../../../test/support/until.ts';
import { expectSeen } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const it = inboxTest();
const evil = 'https://evil.example';
// A red point.
const png =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==';
const markup = `<script>top.hit=1</script><img src=${evil}/a.png onerror=top.hit=2><iframe src=${evil}></iframe><style>body{background:url(${evil}/b.png)}</style><base href=${evil}><meta http-equiv="refresh" content="0;url=${evil}"><form action=${evil}><button>send</button></form></main><a href="javascript:top.hit=3" target=_top>go</a>`;

/** The frame's document once it has content. */
async function frameOf(page: Page) {
  const handle = await page.locator('iframe.preview-frame').elementHandle();
  const frame = (await handle.contentFrame())!;
  await frame.locator('main').waitFor();
  return frame;
}

describeInBrowser('preview of a request', () => {
  it.for<[string, Preview, string[]]>([
    [
      'email',
      { type: 'email', from: markup, to: [markup], subject: markup, body: markup },
      [markup, 'From', 'To', 'Subject'],
    ],
    ['email in markdown', { type: 'email', body: `# Hi\n\n${markup}`, format: 'markdown' }, ['Hi', '<script>']],
    [
      'markdown',
      {
        type: 'markdown',
        title: markup,
        text: `${markup}\n\n**bold** [go](${evil}/c) ![pic](${evil}/d.png) [x](javascript:top.hit=4) <${evil}/e>\n\n${markup}`,
      },
      ['bold', `(${evil}/c)`, `[image: pic (${evil}/d.png)]`],
    ],
    ['diff', { type: 'diff', before: `same\n${markup}\nold`, after: `same\n${markup}\nnew` }, [markup, 'old', 'new']],
    ['table', { type: 'table', columns: [markup, 'n'], rows: [[markup, '1']] }, [markup]],
    ['image', { type: 'image', data: png, alt: markup }, [markup]],
  ])(
    '%s with markup → text in the frame; nothing runs, loads or navigates',
    async ([, preview, texts], { page, show }) => {
      await show({ summary: 'With a preview', preview });
      const frame = await frameOf(page);
      const text = await frame.locator('body').innerText();
      for (const part of texts) expect(text).toContain(part);
      expect(
        await frame.locator('script, iframe, form, a, base, button, object, link, meta[http-equiv=refresh]').count(),
      ).toBe(0);
      expect(await frame.locator('img').count()).toBe(preview.type === 'image' ? 1 : 0);
      expect(await frame.locator('style').count()).toBe(1);
      expect(frame.url()).toBe('about:srcdoc');
      expect(await page.evaluate('[window.hit, location.pathname.startsWith("/approvals/")]')).toEqual([
        undefined,
        true,
      ]);
      expect(await page.locator('iframe').getAttribute('sandbox')).toBe('');
      if (preview.type === 'image') expect(await frame.evaluate('document.querySelector("img").naturalWidth')).toBe(5);
    },
  );

  it('document of the frame → an origin of its own, no script, a policy that loads nothing', async ({ page, show }) => {
    await show({ summary: 'Sandboxed', preview: { type: 'markdown', text: 'Text' } });
    await frameOf(page);
    expect(await page.evaluate('document.querySelector("iframe").contentDocument')).toBe(null);
    const srcdoc = await page.evaluate<string>('document.querySelector("iframe").srcdoc');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(srcdoc)![1]!;
    expect(policy).toMatch(
      /^default-src &#39;none&#39;; style-src &#39;nonce-[\w+/=-]+&#39;; img-src data:; form-action &#39;none&#39;; base-uri &#39;none&#39;$/,
    );
  });

  it('invisible, direction-changing and look-alike characters → code points', async ({ page, show }) => {
    await show({
      summary: 'Hidden',
      preview: { type: 'table', columns: ['a'], rows: [['pay \u202Eevil\u2066'], ['a\u200Bb'], ['p\u0430ypal']] },
    });
    const text = await (await frameOf(page)).locator('body').innerText();
    for (const name of ['U+202E', 'U+2066', 'U+200B', 'U+0430']) expect(text).toContain(name);
    expect(text).not.toMatch(/[\u202E\u2066\u200B]/);
  });

  it('markdown as nested as it gets, and a table of 30,000 cells → shown', async ({ page, show }) => {
    await show({ summary: 'Deep', preview: { type: 'markdown', text: '> '.repeat(20_000) + '['.repeat(20_000) } });
    await frameOf(page);
    await show({
      summary: 'Wide',
      preview: {
        type: 'table',
        columns: Array.from({ length: 30 }, (_, index) => `c${index}`),
        rows: Array.from({ length: 1000 }, () => Array.from({ length: 30 }, () => 'x')),
      },
    });
    const frame = await frameOf(page);
    await until('all cells are there', async () => (await frame.locator('td').count()) === 30_000);
  });

  it('exact arguments → one click away, and the page says that they run', async ({ page, show, press }) => {
    const details = { to: 'ana', holdpoint: { kind: 'call', mac: 'm', preview: '' } };
    const preview: Preview = { type: 'markdown', text: 'Hello' };
    details.holdpoint.preview = previewDigest(preview);
    await show({ summary: 'Arguments', preview, details });
    await expectSeen(page.getByText('The exact arguments run, not the preview.'));
    await press('Exact arguments');
    await page.getByRole('group', { name: 'Arguments' }).and(page.locator(':focus')).waitFor();
    await expectSeen(page.getByRole('heading', { name: 'Exactly this will run' }));
  });

  it('edit, and a decision with one → marked as of the original arguments', async ({ page, show, inbox }) => {
    const id = await show({ summary: 'Edited', preview: { type: 'markdown', text: 'Hello' } });
    const mark = page.getByText('Preview of the original arguments.');
    await frameOf(page);
    expect(await mark.count()).toBe(0);
    await page.keyboard.press('e');
    await mark.waitFor();
    await page.keyboard.press('Escape');
    await mark.waitFor({ state: 'detached' });
    await inbox.server.decide(id, {
      decision: 'approve',
      modifiedDetails: { template: 't', recipient_count: 1, subject: 's' },
    });
    await mark.waitFor();
  });
});
