/** The published package bundles the private ones, so it depends on what they depend on. */
const bundled = [
  '@noble/hashes',
  'ajv',
  'ajv-formats',
  'canonicalize',
  'csv-stringify',
  'ipaddr.js',
  'jose',
  'luxon',
  '@simplewebauthn/server',
  'openid-client',
  're2js',
];

export default {
  // A file may name its own types; an export that is a value needs an importer.
  ignoreExportsUsedInFile: { type: true, interface: true },
  workspaces: {
    '.': {
      entry: [
        'src/{index,client,cheqpoint,worker-entry,temporal,workflow-entry,worker,gateway,review-server,cli}.ts',
        'src/embedded/*-process.ts',
        'bench/**/*-{worker,workflow,process}.ts',
        'bench/page.ts',
        'scripts/*.ts',
        'examples/**/*.ts',
        'test/**/*.ts',
      ],
      project: ['src/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts'],
      ignore: ['bench/peers/**'],
      // Tests use them where they are: a small disk, Prometheus, and its own check of the alerts.
      ignoreBinaries: ['mount', 'umount', 'promtool', 'prometheus'],
      ignoreDependencies: [
        // A user's tracing.mjs names it. The exporter brings it along.
        '@opentelemetry/resources',
        ...bundled,
        // A test runs their programs on the tarball.
        'publint',
        '@arethetypeswrong/cli',
        // The guide's first example shows the loop as Cheqpoint's guide has it, and is not run.
        '@cheqpoint/sdk',
      ],
    },
    'packages/*': { entry: ['test/**/*.ts'], project: ['{src,test}/**/*.ts'] },
    'packages/create-holdpoint': {
      entry: ['src/create-holdpoint.ts', 'scripts/*.ts', 'test/**/*.ts'],
      project: ['{src,scripts,test}/**/*.ts'],
      // Its build script runs it by its name.
      ignoreDependencies: ['tsdown'],
    },
    'packages/review-server': {
      entry: ['test/**/*.ts', 'scripts/*.ts'],
      project: ['{src,inbox,test}/**/*.{ts,tsx}'],
      // A test loads its file into the page.
      ignoreDependencies: ['axe-core'],
    },
  },
};
