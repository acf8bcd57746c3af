import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { plantedCopy, repository, type PlantedCopy } from './planted-copy.ts';

/** A file that violates each rule. */
const plants: Record<string, { file: string; text: string }> = {
  'no-cycles': {
    file: 'src/domain/planted-cycle-back.ts',
    text: "import type { Planted } from './planted-cycle.ts';\nexport type Back = Planted;\n",
  },
  'no-unresolvable': { file: 'src/domain/planted-unresolvable.ts', text: "import './there-is-no-such-file.ts';\n" },
  'packages-know-no-root': {
    file: 'packages/review-server/src/planted-root.ts',
    text: "import type { Decision } from '../../../src/domain/decision.ts';\nexport type Planted = Decision;\n",
  },
  'packages-by-their-entries': {
    file: 'src/cli/planted-inner-file.ts',
    text: "import '../../packages/review-server/src/contract/reviewer-api.ts';\n",
  },
  'json-stands-alone': { file: 'packages/json/src/planted.ts', text: "import '@holdpoint/process';\n" },
  'json-entry-is-deterministic': { file: 'packages/json/src/planted-entry.ts', text: "import 'zod';\n" },
  'create-holdpoint-stands-alone': { file: 'packages/create-holdpoint/src/planted.ts', text: "import 'zod';\n" },
  'client-stands-alone': { file: 'packages/client/src/planted.ts', text: "import 'zod';\n" },
  'process-and-database-stand-alone': {
    file: 'packages/database/src/planted.ts',
    text: "import '@holdpoint/cheqpoint';\n",
  },
  'cheqpoint-is-light': { file: 'packages/cheqpoint/src/planted.ts', text: "import '@temporalio/client';\n" },
  'stand-in-stands-alone': {
    file: 'packages/openai-stand-in/src/planted.ts',
    text: "import type { Json } from '@holdpoint/json';\nexport type Planted = Json;\n",
  },
  'review-server-stands-alone': {
    file: 'packages/review-server/src/planted.ts',
    text: "import '@holdpoint/openai-stand-in';\n",
  },
  'review-server-by-contract': { file: 'src/cli/planted-server.ts', text: "import '@holdpoint/review-server';\n" },
  'contract-is-schemas-and-a-client': {
    file: 'packages/review-server/src/contract/planted.ts',
    text: "import '../risk-level.ts';\n",
  },
  'inbox-is-for-browsers': {
    file: 'packages/review-server/inbox/planted-server.tsx',
    text: "import '../src/risk-level.ts';\n",
  },
  'inbox-sees-schemas-by-type': {
    file: 'packages/review-server/inbox/planted-schema.tsx',
    text: "import '../src/contract/reviewer-api.ts';\n",
  },
  'inbox-stands-apart': {
    file: 'packages/review-server/src/planted-app.ts',
    text: "import '../inbox/filters.ts';\n",
  },
  'domain-imports-nothing': { file: 'src/domain/planted-import.ts', text: "import 'node:fs';\n" },
  'domain-sees-packages-by-type': {
    file: 'src/domain/planted-type.ts',
    text: "import type { Stats } from 'node:fs';\nexport type Planted = Stats;\n",
  },
  'schemas-know-domain-and-validators': { file: 'src/schemas/planted.ts', text: "import 'pino';\n" },
  'workflows-are-deterministic': { file: 'src/workflows/planted-zod.ts', text: "import 'zod';\n" },
  'workflows-see-activities-by-type': {
    file: 'src/workflows/planted-type.ts',
    text: "import type { Run } from '../schemas/rest.ts';\nexport type Planted = Run;\n",
  },
  'activities-see-ports': {
    file: 'src/activities/planted.ts',
    text: "import '../adapters/temporal/temporal-runs.ts';\n",
  },
  'signing-is-small': { file: 'src/signing/planted.ts', text: "import '../activities/ports.ts';\n" },
  'adapters-stand-alone': { file: 'src/adapters/temporal/planted.ts', text: "import '../../gateway/app.ts';\n" },
  'adapters-do-not-mix': {
    file: 'src/adapters/openai/planted-mix.ts',
    text: "import '../database/open-database.ts';\n",
  },
  'gateway-speaks-schemas': {
    file: 'src/gateway/planted.ts',
    text: "import '../adapters/temporal/temporal-runs.ts';\n",
  },
  'openai-in-its-adapter': { file: 'src/cli/planted-openai.ts', text: "import 'openai';\n" },
  'stand-in-is-started-as-a-process': {
    file: 'src/cli/planted-stand-in.ts',
    text: "import '@holdpoint/openai-stand-in';\n",
  },
  'processes-are-not-imported': { file: 'src/cli/planted-process.ts', text: "import '../worker.ts';\n" },
  'no-tests-in-product': { file: 'src/cli/planted-test.ts', text: "import '../../test/support/until.ts';\n" },
};

const copied = [
  'src',
  'test/support',
  'tsconfig.json',
  '.dependency-cruiser.mjs',
  'package.json',
  ...globSync('packages/*/package.json', { cwd: repository }).flatMap((manifest) => [
    manifest,
    ...globSync('{src,inbox}', { cwd: join(repository, dirname(manifest)) }).map((folder) =>
      join(dirname(manifest), folder),
    ),
  ]),
];

let copy: PlantedCopy;
let found: Array<{ rule: { name: string }; from: string }>;
beforeAll(async () => {
  copy = plantedCopy(copied, {
    'src/domain/planted-cycle.ts':
      "import type { Back } from './planted-cycle-back.ts';\nexport type Planted = Back | undefined;\n",
    ...Object.fromEntries(Object.values(plants).map(({ file, text }) => [file, text])),
  });
  const report = JSON.parse(
    await copy.run('dependency-cruiser/bin/dependency-cruiser.mjs', ['src', 'packages', '--output-type', 'json']),
  ) as { summary: { violations: typeof found } };
  found = report.summary.violations;
});
afterAll(() => copy.remove());

it.each(Object.entries(plants))('import rule %s: planted violation → found', (name, { file }) => {
  expect(found.map(({ rule, from }) => `${rule.name}: ${from}`)).toContain(`${name}: ${file}`);
});

it('import rules: no violation except the planted ones', () => {
  expect(found.filter(({ from }) => !from.includes('/planted'))).toEqual([]);
});

it('import rules: each has a planted violation', async () => {
  const { default: config } = (await import(pathToFileURL(join(repository, '.dependency-cruiser.mjs')).href)) as {
    default: { forbidden: Array<{ name: string }> };
  };
  expect(Object.keys(plants).toSorted()).toEqual(config.forbidden.map(({ name }) => name).toSorted());
});
