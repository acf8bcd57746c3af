/** Builds what the tarball has beside the templates: the bundled command, and the repository's examples. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));

execFileSync(
  'npx',
  'tsdown src/create-holdpoint.ts --format esm --target node20.3 --tsconfig ../../tsconfig.json --log-level error'.split(
    ' ',
  ),
  { cwd: here, stdio: 'inherit' },
);
rmSync(`${here}examples`, { recursive: true, force: true });
cpSync(`${here}../../examples`, `${here}examples`, { recursive: true });
