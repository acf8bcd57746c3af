import { afterAll, beforeAll, expect, it } from 'vitest';
import { runsInUi } from '../../src/adapters/temporal/ui-links.ts';
import { failure } from '../../src/activities/failure.ts';
import { documentNamed } from '../docs/documents.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

/** The searches of docs/temporal-ui.md, by the words that say what each finds. */
const searches = new Map(
  [...documentNamed('docs/temporal-ui.md').matchAll(/^\| ([^|]+?) +\| `([^`|]+)` +\|$/gm)].map(([, finds, search]) => [
    String(finds),
    String(search),
  ]),
);

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([mailTool().tool]);
});
afterAll(() => stack.stop());

/** The ids of this stack's runs that a search finds. */
async function found(search: string): Promise<string[]> {
  const ids: string[] = [];
  const query = `(${search}) AND TaskQueue="${stack.taskQueue}"`;
  for await (const { workflowId } of stack.client.workflow.list({ query })) ids.push(workflowId);
  return ids.toSorted();
}

it('searches of docs/temporal-ui.md, and the link of `holdpoint dev` → Temporal takes them; they find their runs', async () => {
  const waiting = await stack.start([calling(call('send_mail', { to: 'a', count: 500 }))]);
  const approval = await waiting.approval();
  const parked = await stack.start([
    () => {
      throw failure('ModelAccessDenied', 'The key was refused.');
    },
  ]);
  await until('it is parked', async () => (await parked.view()).state === 'parked');
  const done = await stack.start([answering('done')]);
  await done.result();
  const failed = await stack.start([calling(call('send_mail', { to: 'a', count: 1 }))], { maxTurns: 1 });
  await failed.result().catch(() => undefined);
  const all = [waiting.id, parked.id, done.id, failed.id].toSorted();

  const link = new URL(runsInUi('http://127.0.0.1:8233/', 'default'));
  expect(link.pathname).toBe('/namespaces/default/workflows');
  expect(link.searchParams.get('query')).toBe(searches.get('all runs'));

  const expected: { [finds: string]: string[] } = {
    'all runs': all,
    'runs that wait for a person': [waiting.id],
    'runs that wait since a day or longer': [],
    'calls of one tool that wait': [waiting.id],
    'the run of a request': [waiting.id],
    'runs that need an operator': [parked.id],
    'runs that one cause parked': [parked.id],
    'runs that go on now': [],
    'runs of a caller': [],
    'failed runs of an assistant': [failed.id],
  };
  expect([...searches.keys()]).toEqual(Object.keys(expected));
  for (const [finds, ids] of Object.entries(expected)) {
    const search = (searches.get(finds) as string)
      .replace('apr_1', approval)
      .replace('send_email_blast', 'send_mail')
      .replace('comms', 'tester');
    await until(`"${finds}" finds ${ids.join(', ')}`, async () => (await found(search)).join() === ids.join());
  }
});
