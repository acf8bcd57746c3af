// Who may import whom. Type-only imports are exempt where a rule says so: they vanish at run time.
const value = { dependencyTypesNot: ['type-only'] };
const ours = (...folders) => `^src/(${folders.join('|')})`;
const packages = (...names) => `^packages/(${names.join('|')})/`;
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule('no-cycles', 'A loop of imports has no first file to read.', {}, { circular: true }),
    rule('no-unresolvable', 'Every import resolves.', {}, { couldNotResolve: true }),

    // ---- packages ----
    rule(
      'packages-know-no-root',
      'A package can be tested, released and deleted without the orchestrator.',
      { path: '^packages/[a-z-]+/(src|inbox)/' },
      { path: '^(src|demo|bench|examples)/' },
    ),
    rule(
      'packages-by-their-entries',
      'A package is imported by the entries of its package.json.',
      { path: '^src/' },
      {
        path: '^packages/',
        pathNot:
          '^packages/[a-z-]+/src/((contract|wire)/)?index\\.ts$|^packages/(json/src/(canonical-json|digest|retry-after|schema)|database/src/(built-in-sqlite|database-url|private-files)|cheqpoint/src/wire/wire-names)\\.ts$',
      },
    ),
    rule(
      'json-stands-alone',
      'JSON, its canonical form and its schema checks need no other package of ours.',
      { path: packages('json') + 'src/' },
      { path: '^packages/', pathNot: packages('json') },
    ),
    rule(
      'client-stands-alone',
      'An API service installs the client alone, so it imports nothing of ours and one parser.',
      { path: packages('client') + 'src/' },
      { pathNot: [packages('client') + 'src/', 'node_modules/eventsource-parser/'] },
    ),
    rule(
      'create-holdpoint-stands-alone',
      '`npm create holdpoint` runs before anything is installed, so it imports nothing but Node.',
      { path: packages('create-holdpoint') + 'src/' },
      { pathNot: [packages('create-holdpoint'), '^(node:|fs$|path$|url$|util$)'] },
    ),
    rule(
      'process-and-database-stand-alone',
      'Start-up, logging and database access need no other package of ours.',
      { path: packages('process', 'database') + 'src/' },
      { path: '^packages/', pathNot: packages('process', 'database', 'json') },
    ),
    rule(
      'cheqpoint-is-light',
      'Cheqpoint for a program with a loop of its own: neither orchestrator nor Temporal come with it.',
      { path: packages('cheqpoint') + 'src/' },
      {
        ...value,
        pathNot: [packages('cheqpoint', 'json') + 'src/', 'node_modules/zod/', '^timers/promises$', '^node:'],
      },
    ),
    rule(
      'stand-in-stands-alone',
      'The stand-in for the model is an OpenAI server, nothing of ours.',
      { path: packages('openai-stand-in') + 'src/' },
      { path: ['^packages/', '^src/'], pathNot: packages('openai-stand-in') },
    ),
    rule(
      'review-server-stands-alone',
      'Hosted Cheqpoint can take its place, so it knows the wire and nothing of the orchestrator.',
      { path: packages('review-server') + 'src/' },
      { path: ['^packages/', '^src/'], pathNot: packages('review-server', 'cheqpoint', 'json', 'database', 'process') },
    ),
    rule(
      'review-server-by-contract',
      'The orchestrator knows the review server by its contract; the process file and the test stack start it, and one command needs its database.',
      { path: '^src/', pathNot: '^src/(review-server\\.ts$|cli/reset-passkeys\\.ts$|testing/)' },
      { path: packages('review-server'), pathNot: packages('review-server') + 'src/contract/' },
    ),
    rule(
      'contract-is-schemas-and-a-client',
      'Others import the contract, so it brings no server along.',
      { path: packages('review-server') + 'src/contract/' },
      { path: packages('review-server'), pathNot: packages('review-server') + 'src/contract/' },
    ),
    rule(
      'inbox-is-for-browsers',
      'The inbox runs in a browser: the contract, the client of the gateway, exact JSON and its libraries; no server code.',
      { path: packages('review-server') + 'inbox/' },
      {
        pathNot: [
          packages('review-server') + '(inbox|src/contract)/',
          packages('client') + 'src/',
          packages('cheqpoint') + 'src/wire/',
          packages('json') + 'src/(index|exact-json|json)\\.ts$',
          'node_modules/',
        ],
      },
    ),
    rule(
      'inbox-sees-schemas-by-type',
      'Schemas bring zod along, which the browser has no use for.',
      { path: packages('review-server') + 'inbox/' },
      {
        ...value,
        path: ['src/contract/', packages('cheqpoint'), 'node_modules/(zod|hono|kysely|pino)/', '^node:'],
        pathNot:
          'src/contract/(highest-limits|hold-limits|literal-parts|reviewer-client|shown-digest|typed-condition)\\.ts$|cheqpoint/src/wire/wire-names\\.ts$',
      },
    ),
    rule(
      'inbox-stands-apart',
      'The server serves the built files and loads none of the sources.',
      { pathNot: packages('review-server') + '(inbox|test)/' },
      { path: packages('review-server') + 'inbox/' },
    ),

    // ---- the orchestrator ----
    rule(
      'domain-imports-nothing',
      'Domain code is pure and loads anywhere, the Workflow sandbox included. Types of the packages vanish.',
      { path: ours('domain/') },
      { ...value, pathNot: ours('domain/') },
    ),
    rule(
      'domain-sees-packages-by-type',
      'Even by type, domain code sees its own words and those of JSON and Cheqpoint.',
      { path: ours('domain/') },
      { pathNot: [ours('domain/'), packages('json', 'cheqpoint')] },
    ),
    rule(
      'schemas-know-domain-and-validators',
      'Schemas describe what crosses a process boundary.',
      { path: ours('schemas/') },
      {
        pathNot: [
          ours('domain/', 'schemas/'),
          packages('json', 'cheqpoint', 'client'),
          'node_modules/(zod|@hono/zod-openapi|ms|leven)/',
        ],
      },
    ),
    rule(
      'workflows-are-deterministic',
      'Workflow code loads domain code, packages/json and Temporal workflow packages only; no zod (memory x6).',
      { path: ours('workflows/') },
      {
        ...value,
        pathNot: [
          ours('domain/', 'workflows/'),
          '^packages/json/src/index\\.ts$',
          'node_modules/@temporalio/(workflow|common)/',
        ],
      },
    ),
    rule(
      'json-entry-is-deterministic',
      'Workflow code loads the entry of packages/json, so it loads no library.',
      {
        path: '^packages/json/src/',
        pathNot: '/(canonical-json|digest|in-time|json-schema|linear-pattern|schema)\\.ts$',
      },
      {
        ...value,
        pathNot: '^packages/json/src/(json|duplicate-name|exact-json|lax-schema|parse-json|unknown-option)\\.ts$',
      },
    ),
    rule(
      'workflows-see-activities-by-type',
      'Even by type, Workflow code sees only the Activities and its own words.',
      { path: ours('workflows/') },
      { path: ['^src/', '^packages/'], pathNot: [ours('domain/', 'workflows/', 'activities/'), packages('json')] },
    ),
    rule(
      'activities-see-ports',
      'Activities reach foreign systems through ports.ts.',
      { path: ours('activities/') },
      {
        dependencyTypesNot: ['type-only', 'core'],
        pathNot: [
          ours('domain/', 'schemas/', 'activities/', 'assistant/', 'signing/'),
          packages('json', 'cheqpoint', 'process'),
          'node_modules/(@temporalio/(activity|common)|zod)/',
          '^node:',
        ],
      },
    ),
    rule(
      'signing-is-small',
      'Seals and tokens: crypto and domain words.',
      { path: ours('signing/') },
      {
        ...value,
        path: ['^src/', '^packages/', 'node_modules/'],
        pathNot: [ours('domain/', 'signing/'), packages('json', 'cheqpoint')],
      },
    ),
    rule(
      'adapters-stand-alone',
      'An adapter knows its one foreign system.',
      { path: ours('adapters/') },
      { ...value, path: '^src/', pathNot: ours('domain/', 'schemas/', 'adapters/', 'assistant/') },
    ),
    rule(
      'adapters-do-not-mix',
      'The adapter of one system loads no adapter of another.',
      { path: '^src/adapters/([^/]+)/' },
      { ...value, path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    ),
    rule(
      'gateway-speaks-schemas',
      'The gateway speaks domain and schemas.',
      { path: ours('gateway/') },
      { ...value, path: '^src/', pathNot: ours('domain/', 'schemas/', 'gateway/') },
    ),
    rule(
      'openai-in-its-adapter',
      'The openai package is loaded by its adapter only.',
      { path: ['^src/', '^packages/[a-z-]+/(src|inbox)/'], pathNot: ours('adapters/openai/') },
      { ...value, path: 'node_modules/openai/' },
    ),
    rule(
      'stand-in-is-started-as-a-process',
      'Only the dev stack and the test stack know the stand-in for the model.',
      { path: '^src/', pathNot: [ours('embedded/', 'testing/'), '^src/testing\\.ts$'] },
      { path: packages('openai-stand-in') },
    ),
    rule(
      'processes-are-not-imported',
      'Processes wire; no file imports one.',
      {},
      { path: '^src/(worker|gateway|review-server|cli)\\.ts$' },
    ),
    rule(
      'no-tests-in-product',
      'The product does not load its tests.',
      { path: ['^src/', '^packages/[a-z-]+/(src|inbox)/'] },
      { path: ['^(test|demo|bench)/', '^packages/[a-z-]+/test/'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[a-z-]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['holdpoint-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.json'],
    },
  },
};
