import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { processEnvironment } from '../../src/config/environment.ts';
import { sharedPart } from './shared-part.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const find = (names: readonly string[]): string | undefined =>
  (processEnvironment()['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));

/** The Chromium of this system, or nothing. */
export const chromiumPath = find(NAMES);

/** The same engine without windows, from Debian's package of that name. Tests need a third less CPU with it. */
const headlessShellPath = find(['chromium-headless-shell', 'chrome-headless-shell']);

/**
 * `whole`: Chromium itself. The headless shell has no notifications and installs nothing.
 *
 * @throws Error where there is none.
 */
export async function startChromium(whole = false): Promise<Browser> {
  const executablePath = (whole ? undefined : headlessShellPath) ?? chromiumPath;
  if (executablePath === undefined)
    throw new Error('No Chromium was found on the PATH. Install chromium or google-chrome.');
  // Without the sandbox, so that it also starts as root in a container; it sees only pages of this machine.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
}

const isConnected = (browser: Browser) => browser.isConnected();
const sharedShell = sharedPart(() => startChromium(), isConnected);
const sharedWhole = sharedPart(() => startChromium(true), isConnected);

/** The Chromium that the test files of one process share. It ends with the process: callers close their contexts only. */
export function sharedChromium(whole = false): Promise<Browser> {
  return whole ? sharedWhole() : sharedShell();
}
