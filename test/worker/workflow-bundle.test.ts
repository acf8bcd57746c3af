import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makeWorkflowBundle } from '../../src/worker/workflow-bundle.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('Workflow bundle: names files below the package, and no folder of this machine', { timeout: 120_000 }, async () => {
  const { code } = await makeWorkflowBundle();
  const [text, map] = code.split(/sourceMappingURL=data:application\/json[^,]*,/) as [string, string];
  expect(text).not.toContain(root);
  const { sources, sourcesContent } = JSON.parse(Buffer.from(map, 'base64').toString()) as {
    sources: string[];
    sourcesContent: string[];
  };
  expect(sources).toContain('holdpoint/src/workflows/run.ts');
  expect(sources).toContain('node_modules/@temporalio/workflow/src/workflow.ts');
  expect(sources.filter((name) => name.startsWith('/'))).toEqual([]);
  expect([...sources, ...sourcesContent].filter((each) => each.includes(root))).toEqual([]);
});
