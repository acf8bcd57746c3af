// Who may import whom. Type-only imports are exempt where a rule says so: they vanish at run time.
const value = { dependencyTypesNot: ['type-only'] };
const ours = (...folders) => `^src/(${folders.join('|')})`;
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule('no-cycles', 'A loop of imports has no first file to read.', {}, { circular: true, viaOnly: value }),
    rule('no-unresolvable', 'Every import resolves.', {}, { couldNotResolve: true }),
    rule(
      'domain-imports-nothing',
      'Domain code is pure and loads anywhere, the Workflow sandbox included.',
      { path: ours('domain/') },
      { pathNot: ours('domain/') },
    ),
    rule(
      'schemas-know-domain-and-validators',
      'Schemas describe what crosses a process boundary.',
      { path: ours('schemas/') },
      { pathNot: ['^src/(domain|schemas)/', 'node_modules/(zod|@hono/zod-openapi|ajv|ajv-formats)/', '^vm$'] },
    ),
    rule(
      'workflows-are-deterministic',
      'Workflow code loads domain code and Temporal workflow packages only; no zod (memory x6).',
      { path: ours('workflows/') },
      { ...value, pathNot: ['^src/(domain|workflows)/', 'node_modules/@temporalio/(workflow|common)/'] },
    ),
    rule(
      'workflows-see-activities-by-type',
      'Even by type, Workflow code sees only the Activities and its own words.',
      { path: ours('workflows/') },
      { path: '^src/', pathNot: ours('domain/', 'workflows/', 'activities/') },
    ),
    rule(
      'activities-see-ports',
      'Activities reach foreign systems through ports.ts.',
      { path: ours('activities/') },
      {
        ...value,
        pathNot: [
          '^src/(domain|schemas|activities|assistant)/',
          'node_modules/(@temporalio/(activity|common)|zod|ms|canonicalize)/',
          '^node:',
        ],
        dependencyTypesNot: ['type-only', 'core'],
      },
    ),
    rule(
      'adapters-stand-alone',
      'An adapter knows its one foreign system.',
      { path: ours('adapters/') },
      {
        ...value,
        path: '^src/',
        pathNot: ours('domain/', 'schemas/', 'adapters/', 'assistant/', 'sqlite-dialect\\.ts'),
      },
    ),
    rule(
      'gateway-and-cli-speak-schemas',
      'The edges speak domain and schemas.',
      { path: ours('gateway/') },
      { ...value, path: '^src/', pathNot: ours('domain/', 'schemas/', 'gateway/') },
    ),
    rule(
      'review-server-stands-alone',
      'It can be swapped for hosted Cheqpoint, so it knows only the wire.',
      { path: ours('review-server/') },
      { path: '^src/', pathNot: ours('schemas/', 'review-server/', 'sqlite-dialect\\.ts') },
    ),
    rule(
      'inbox-app-is-for-browsers',
      'The inbox runs in a browser: types of schemas, exact JSON, typed conditions, its libraries; no server code and no zod.',
      { path: ours('review-server/inbox/app/') },
      {
        pathNot: [
          '^src/review-server/inbox/app/',
          '^src/review-server/(exact-json|typed-condition)\\.ts$',
          '^src/schemas/',
          'node_modules/',
        ],
      },
    ),
    rule(
      'inbox-app-sees-schemas-by-type',
      'Schemas bring zod along, which the browser has no use for.',
      { path: ours('review-server/inbox/app/') },
      {
        ...value,
        path: ['^src/schemas/', 'node_modules/(zod|hono|kysely|pino)/', '^node:'],
        pathNot: '^src/schemas/highest-limits\\.ts$',
      },
    ),
    rule(
      'inbox-app-stands-apart',
      'The server serves what was built, and loads none of it.',
      { path: '^src/', pathNot: ours('review-server/inbox/app/') },
      { path: ours('review-server/inbox/app/') },
    ),
    rule(
      'stand-in-stands-alone',
      'The stand-in for the model is an OpenAI server, nothing of ours.',
      { path: ours('openai-stand-in/') },
      { path: '^src/', pathNot: ours('openai-stand-in/') },
    ),
    rule(
      'cheqpoint-client-is-light',
      'Cheqpoint for a program with a loop of its own: neither orchestrator nor Temporal come with it.',
      { path: ours('cheqpoint-client/', 'cheqpoint\\.ts') },
      {
        ...value,
        pathNot: ['^src/(domain|schemas|adapters/cheqpoint|cheqpoint-client)/', '^timers/promises$', '^node:'],
      },
    ),
    rule(
      'openai-in-its-adapter',
      'The openai package is loaded by its adapter only.',
      { path: '^src/', pathNot: ours('adapters/openai/') },
      { ...value, path: 'node_modules/openai/' },
    ),
    rule(
      'nobody-imports-a-process',
      'Processes wire; nobody imports them.',
      {},
      { path: '^src/(worker|gateway|review-server|cli)\\.ts$' },
    ),
    rule(
      'no-tests-in-product',
      'The product does not load its tests.',
      { path: '^src/' },
      { path: '^(test|demo|bench)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['holdpoint-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.json'],
    },
  },
};
