import { relative } from 'node:path';
import type { CreatedProject } from './create-project.ts';

/** The lines that `holdpoint init` and `npm create holdpoint` print. */
export function nextSteps({ folder, written, kept, added, differing, tryIt, oldNode }: CreatedProject): string {
  const path = relative(process.cwd(), folder);
  return [
    `Created in ${path === '' ? 'this folder' : path}:`,
    ...written.map((file) => `  ${file}`),
    ...(kept.length > 0 ? [`Unchanged, since there was one: ${kept.join(', ')}`] : []),
    ...(added.length > 0 ? [`Added to package.json: ${added.join(', ')}`] : []),
    ...(differing.length > 0 ? [`Unchanged in package.json: ${differing.join(', ')}`] : []),
    ...(oldNode === null
      ? []
      : [`This machine has Node ${oldNode}. The project installs Node 24, which npm and npx use in it.`]),
    '',
    'Next:',
    ...(path === '' ? [] : [`  cd ${path}`]),
    '  npm install',
    '  npm test             # the tool, its approval, and a replay of a waiting run',
    '  npx holdpoint dev    # everything on this machine, until Ctrl-C; prints a link to the inbox',
    `  ${tryIt}    # in a second terminal`,
    '',
  ].join('\n');
}
