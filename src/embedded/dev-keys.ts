import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const keys = z.object({
  secret: z.string(),
  apiKey: z.string(),
  connectionKey: z.string(),
  sessionSecret: z.string(),
  reviewerPassword: z.string(),
});

/** Generated once for each data folder and kept, so that runs and approvals survive a restart. */
export type DevKeys = z.output<typeof keys>;

/**
 * The keys of a data folder, generated on first use, readable by this user only.
 * @throws Error when the file is damaged.
 */
export function devKeys(dataDir: string): DevKeys {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const ignore = join(dataDir, '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  const file = join(dataDir, 'keys.json');
  if (!existsSync(file)) {
    const random = (prefix: string) => `${prefix}${randomBytes(24).toString('base64url')}`;
    const made: DevKeys = {
      secret: random(''),
      apiKey: random('hp_'),
      connectionKey: random('cq_'),
      sessionSecret: random(''),
      reviewerPassword: random(''),
    };
    // A full disk must not leave half a file.
    writeFileSync(`${file}.new`, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  chmodSync(file, 0o600);
  try {
    return keys.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file} is damaged. Remove it (open approvals of local runs are then lost) and start again.`, {
      cause,
    });
  }
}
