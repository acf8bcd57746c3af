import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { processEnvironment } from '../../src/config/environment.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The Chromium of this system, or nothing. */
export const chromiumPath = (processEnvironment()['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** @throws Error where there is none. */
export async function startChromium(): Promise<Browser> {
  if (chromiumPath === undefined)
    throw new Error('No Chromium was found on the PATH. Install chromium or google-chrome.');
  // Without the sandbox, so that it also starts as root in a container; it sees only pages of this machine.
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-background-networking'] });
}
