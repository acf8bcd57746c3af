import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { plantedCopy, repository, type PlantedCopy } from './planted-copy.ts';

/** For each rule a file that breaks it. */
const plants: Record<string, { file: string; text: string }> = {
  'no-cycles': { file: 'src/domain/planted-cycle-back.ts', text: "import './planted-cycle.ts';\n" },
  'no-unresolvable': { file: 'src/domain/planted-unresolvable.ts', text: "import './there-is-no-such-file.ts';\n" },
  'domain-imports-nothing': { file: 'src/domain/planted-import.ts', text: "import 'node:fs';\n" },
  'schemas-know-domain-and-validators': { file: 'src/schemas/planted.ts', text: "import 'pino';\n" },
  'workflows-are-deterministic': { file: 'src/workflows/planted-zod.ts', text: "import 'zod';\n" },
  'workflows-see-activities-by-type': {
    file: 'src/workflows/planted-type.ts',
    text: "import type { Run } from '../schemas/rest.ts';\nexport type Planted = Run;\n",
  },
  'activities-see-ports': { file: 'src/activities/planted.ts', text: "import '../adapters/cheqpoint.ts';\n" },
  'adapters-stand-alone': { file: 'src/adapters/planted.ts', text: "import '../gateway/app.ts';\n" },
  'gateway-and-cli-speak-schemas': { file: 'src/gateway/planted.ts', text: "import '../adapters/temporal.ts';\n" },
  'review-server-stands-alone': {
    file: 'src/review-server/planted.ts',
    text: "import type { Decision } from '../domain/decision.ts';\nexport type Planted = Decision;\n",
  },
  'inbox-app-is-for-browsers': {
    file: 'src/review-server/inbox/app/planted-server.tsx',
    text: "import '../../digest.ts';\n",
  },
  'inbox-app-sees-schemas-by-type': {
    file: 'src/review-server/inbox/app/planted-schema.tsx',
    text: "import '../../../schemas/reviewer-api.ts';\n",
  },
  'inbox-app-stands-apart': { file: 'src/review-server/planted-app.ts', text: "import './inbox/app/filters.ts';\n" },
  'stand-in-stands-alone': { file: 'src/openai-stand-in/planted.ts', text: "import '../schemas/rest.ts';\n" },
  'cheqpoint-client-is-light': { file: 'src/cheqpoint-client/planted.ts', text: "import '@temporalio/client';\n" },
  'openai-in-its-adapter': { file: 'src/cli/planted-openai.ts', text: "import 'openai';\n" },
  'nobody-imports-a-process': { file: 'src/cli/planted-process.ts', text: "import '../worker.ts';\n" },
  'no-tests-in-product': { file: 'src/cli/planted-test.ts', text: "import '../../test/support/until.ts';\n" },
};

let copy: PlantedCopy;
let found: Array<{ rule: { name: string }; from: string }>;
beforeAll(async () => {
  copy = plantedCopy(['src', 'test/support', 'tsconfig.json', '.dependency-cruiser.mjs', 'package.json'], {
    'src/domain/planted-cycle.ts': "import './planted-cycle-back.ts';\n",
    ...Object.fromEntries(Object.values(plants).map(({ file, text }) => [file, text])),
  });
  const report = JSON.parse(
    await copy.run('dependency-cruiser/bin/dependency-cruiser.mjs', ['src', '--output-type', 'json']),
  ) as { summary: { violations: typeof found } };
  found = report.summary.violations;
});
afterAll(() => copy.remove());

it.each(Object.entries(plants))('the import rule %s finds a violation', (name, { file }) => {
  expect(found.map(({ rule, from }) => `${rule.name}: ${from}`)).toContain(`${name}: ${file}`);
});

it('the import rules find nothing but what was planted', () => {
  expect(found.filter(({ from }) => !from.includes('/planted'))).toEqual([]);
});

it('every import rule has its planted violation', async () => {
  const { default: config } = (await import(pathToFileURL(join(repository, '.dependency-cruiser.mjs')).href)) as {
    default: { forbidden: Array<{ name: string }> };
  };
  expect(Object.keys(plants).toSorted()).toEqual(config.forbidden.map(({ name }) => name).toSorted());
});
