/**
 * Makes the PNG icons of the installed inbox from `inbox/public/icons/icon.svg`. Run it after a change of that file:
 * `node --conditions=holdpoint-source packages/review-server/scripts/make-icons.ts`. A Chromium of the system is needed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChromium } from '../../../test/support/chromium.ts';

const folder = fileURLToPath(new URL('../inbox/public/icons/', import.meta.url));
const icon = readFileSync(join(folder, 'icon.svg'), 'utf8');
// Systems cut a maskable icon to their own form: the ground reaches the edge, and the drawing stays in the middle.
const maskable = icon
  .replace(' rx="8"', '')
  .replace(/(<rect[^>]*\/>)(.*)<\/svg>/, '$1<g transform="translate(4.8 4.8) scale(0.7)">$2</g></svg>');

const browser = await startChromium();
try {
  for (const [name, svg] of Object.entries({ icon, maskable }))
    for (const size of [192, 512]) {
      const page = await browser.newPage({ viewport: { width: size, height: size } });
      await page.setContent(`<style>html,body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${svg}`);
      await page.screenshot({ path: join(folder, `${name}-${size}.png`), omitBackground: true });
      await page.close();
    }
} finally {
  await browser.close();
}
