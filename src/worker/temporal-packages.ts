import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** The packages of Temporal that Holdpoint shares with the user's code, and the one that they share. */
const shared = ['worker', 'client', 'activity', 'workflow', 'common', 'proto'] as const;
/** The first version of the peer range in package.json. */
const oldest = { major: 1, minor: 24 };
const install = `npm install ${shared
  .filter((name) => name !== 'proto')
  .map((name) => `@temporalio/${name}@${oldest.major}`)
  .join(' ')}`;

type Found = { name: string; version: string; folder: string };

/**
 * Why Temporal's packages can't work together: versions outside the peer range, different versions, or two copies. All
 * as seen from the file `from`. Undefined if they can, and for packages that are not found, as in a bundle.
 */
export function temporalPackagesProblem(from: string): string | undefined {
  const ours = shared.flatMap((name) => find(`@temporalio/${name}`, from) ?? []);
  const unfit = ours.find(({ version }) => !isSupported(version));
  if (unfit)
    return `Holdpoint needs version ${oldest.major}.${oldest.minor} or newer, below ${oldest.major + 1}, of Temporal's packages. ${unfit.name} is ${unfit.version}, in ${unfit.folder}. Run: ${install}`;
  const [first, ...others] = ours;
  const other = others.find(({ version }) => version !== first?.version);
  if (first && other)
    return `Temporal's packages must have one version. ${first.name} is ${first.version} and ${other.name} is ${other.version}. Run: ${install}`;
  const worker = ours.find(({ name }) => name === '@temporalio/worker');
  const copy =
    worker &&
    ours.find(({ name, folder }) => {
      const theirs = find(name, `${worker.folder}/package.json`);
      return theirs !== undefined && theirs.folder !== folder;
    });
  return (
    copy &&
    `${copy.name} is installed twice: ${copy.folder} is Holdpoint's, and ${worker.folder} has another. Remove the nested copy: npm dedupe, or ${install}`
  );
}

function find(name: string, from: string): Found | undefined {
  try {
    const path = createRequire(from).resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
    return { name, version, folder: dirname(realpathSync(path)) };
  } catch {
    return undefined;
  }
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === oldest.major && minor >= oldest.minor;
}
