import own from '../package.json' with { type: 'json' };

/** The parts of a package.json that a project needs. */
export type Manifest = {
  name?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  [field: string]: unknown;
};

/** `npm init` writes this test script. */
const noTest = 'echo "Error: no test specified" && exit 1';
const groups = ['scripts', 'dependencies', 'devDependencies'] as const;

type Merged = { manifest: Manifest; added: string[]; differing: string[] };

/**
 * The package.json of a project: its own entries, and those of the template that it lacks. A package counts as present
 * in either group of dependencies.
 */
export function mergedManifest(existing: Manifest | undefined, template: Manifest, name: string): Merged {
  const wanted = structuredClone(template);
  wanted.dependencies = { holdpoint: `^${own.version}`, ...wanted.dependencies };
  if (existing === undefined)
    return { manifest: { ...wanted, name: name || 'holdpoint-app' }, added: [], differing: [] };

  const manifest = structuredClone(existing);
  if (manifest.scripts?.['test'] === noTest) delete manifest.scripts['test'];
  const added: string[] = [];
  const differing: string[] = [];
  for (const group of groups)
    for (const [entry, value] of Object.entries(wanted[group] ?? {})) {
      const present =
        group === 'scripts'
          ? manifest.scripts?.[entry]
          : (manifest.dependencies?.[entry] ?? manifest.devDependencies?.[entry]);
      if (present === undefined) {
        (manifest[group] ??= {})[entry] = value;
        added.push(`${group}.${entry}`);
      } else if (group === 'scripts' && present !== value) differing.push(`scripts.${entry}`);
    }
  return { manifest, added, differing };
}
