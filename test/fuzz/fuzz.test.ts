import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createReviewServer, type ReviewServer } from '../../packages/review-server/src/create-review-server.ts';
import { optionsFor } from '../../packages/review-server/test/test-server.ts';
import { fuzzedGateway, gatewayProbe, gatewayRoutes } from './targets/gateway.ts';
import { pages, reviewServerProbe, reviewServerRoutes } from './targets/review-server.ts';
import { parsers } from './parsers.ts';
import { resultOf } from './fuzz-result.ts';
import { runFuzz } from './run-fuzz.ts';
import type { Operation } from './http.ts';
import { target, type Target } from './target.ts';
import { targets } from './targets.ts';

/* A sample of `npm run test:fuzz`, and the completeness of its targets. */

const root = fileURLToPath(new URL('../../', import.meta.url));
const routeOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

it('a sample of each target → no crash, no unhandled rejection, no 5xx', async () => {
  const reports = await runFuzz({ targets, inputs: 2_000, seed: 20_261_129 });
  const { failures, crashes, unhandled, http500, inputs } = resultOf(reports, { seed: 0, commit: '', seconds: 0 });
  expect({ failures, crashes, unhandled, http500 }).toEqual({ failures: [], crashes: 0, unhandled: 0, http500: 0 });
  expect(inputs).toBeGreaterThanOrEqual(2_000);
}, 180_000);

it.each([
  ['review server', reviewServerProbe],
  ['gateway', gatewayProbe],
])(
  'every route of the %s, by an administrator → no 5xx, also where it asks another server',
  async (_name, open) => {
    const probe = await open();
    onTestFinished(() => probe.close());
    const tried: Operation[] = [];
    for (const operation of probe.operations) {
      const requests = fc.sample(probe.inputFor([operation]), { seed: 20_261_130, numRuns: 40 });
      const plain = requests.find(
        ({ headers, method }) => headers['authorization'] === probe.administrator && method === operation.method,
      );
      if (plain === undefined) continue;
      await probe.run(plain);
      tried.push(operation);
    }
    expect(tried.length).toBeGreaterThan(probe.operations.length * 0.9);
  },
  120_000,
);

describe('targets', () => {
  let server: ReviewServer;
  beforeAll(async () => {
    server = await createReviewServer(optionsFor('sqlite::memory:'));
  });
  afterAll(() => server.close());

  it('every route of the gateway → a target', () => {
    const { operations, served } = gatewayRoutes(fuzzedGateway().app);
    expect(served.filter((route) => !operations.some((each) => routeOf(each) === route))).toEqual([]);
    expect(operations.length).toBeGreaterThan(12);
  });

  it('every route of the review server → a target', () => {
    const { operations, served } = reviewServerRoutes(server);
    const reached = [...operations, ...pages].map(routeOf);
    const isReached = (route: string) => reached.includes(route) || route === 'GET *' || route === 'GET /*';
    expect(served.filter((route) => !isReached(route))).toEqual([]);
    expect(operations.length).toBeGreaterThan(40);
  });

  it('every exported parser → a target that there is', () => {
    const files = globSync('{src,packages/*/{src,inbox}}/**/*.ts', { cwd: root }).filter(
      (file) => !file.includes('openai-stand-in'),
    );
    const exported = files.flatMap((file) =>
      [
        ...readFileSync(`${root}${file}`, 'utf8').matchAll(
          /^export (?:async )?function\*? ((?:parse|read|check|verify|decode)(?:[A-Z]\w*)?)\b/gm,
        ),
      ].map(([, name]) => `${file}#${name}`),
    );
    expect(exported.toSorted()).toEqual(Object.keys(parsers).toSorted());
    const names = new Set([...targets.map(({ name }) => name), 'own']);
    expect(Object.values(parsers).filter((name) => !names.has(name))).toEqual([]);
  });

  it('names → each once', () => {
    const names = targets.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });
});

it('a target that the process does not know → counted as a crash', async () => {
  const unknown: Target = target('nothing', 1, () => {
    throw new Error('never opened');
  });
  const [report] = await runFuzz({ targets: [unknown], inputs: 1, seed: 1, processes: 1 });
  expect(report).toMatchObject({ target: 'nothing', failures: [{ kind: 'crash' }] });
}, 60_000);
