import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The path of the nearest file named `name`, in `folder` or above it. Undefined when there is none. */
export function nearestFileAbove(name: string, folder: string): string | undefined {
  const candidate = join(folder, name);
  if (existsSync(candidate)) return candidate;
  return dirname(folder) === folder ? undefined : nearestFileAbove(name, dirname(folder));
}
