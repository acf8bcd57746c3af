import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { keepPrivate, makePrivateFolder } from '@holdpoint/database/private-files';
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
  makePrivateFolder(dataDir);
  // Another folder of the user's choice may hold other things.
  if (basename(dataDir) === '.holdpoint') keepPrivate(dataDir);
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
  keepPrivate(file);
  try {
    return keys.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file} is damaged. Remove it (open approvals of local runs are then lost) and start again.`, {
      cause,
    });
  }
}
