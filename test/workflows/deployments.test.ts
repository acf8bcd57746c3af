import { afterAll, describe, expect, it } from 'vitest';
import { movePinnedRuns, promoteBuild, readDeployment, stalled } from '../../src/adapters/temporal/deployments.ts';
import type { Versioning } from '../../src/domain/deployment.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const runCount = 50;
const { tool: mail, ran } = mailTool();

const stacks: RunStack[] = [];
afterAll(async () => {
  for (const stack of stacks) await stack.stop();
});

/** A stack whose first worker is build A, as the current version. */
async function deployed(versioning: Versioning) {
  const stack = await startRunStack([mail], { worker: false });
  stacks.push(stack);
  const deployment = stack.taskQueue;
  const named = { name: deployment, taskQueue: stack.taskQueue };
  const startBuild = async (buildId: string) => {
    const worker = await stack.startWorker({}, { version: { deployment, buildId, versioning } });
    await promoteBuild(stack.client, { name: deployment, buildId, patienceMs: 30_000 });
    return worker;
  };
  const first = await startBuild('A');
  const runs: StartedRun[] = [];
  for (let number = 0; number < runCount; number += 1)
    runs.push(
      await stack.start([
        calling(call('send_mail', { to: 'all', count: 500 }, `call_${versioning}_${number}`)),
        answering('done'),
      ]),
    );
  const approvals: string[] = [];
  for (const run of runs) approvals.push(await run.approval());
  const decide = async (some: readonly StartedRun[]) => {
    for (const run of some) await run.decide(approvals[runs.indexOf(run)]!, { decision: 'approve' });
  };
  const buildOf = async ({ id }: StartedRun) => {
    const { raw } = await stack.client.workflow.getHandle(id).describe();
    return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
  };
  const effects = () => ran.filter(({ idempotencyKey }) => idempotencyKey.includes(`call_${versioning}_`));
  return { stack, named, startBuild, first, runs, decide, buildOf, effects };
}

describe('50 runs that wait for a decision during a deploy', () => {
  it('auto-upgrade → each goes on with the new build at its decision, and acts once', async () => {
    const { stack, named, startBuild, first, runs, decide, buildOf, effects } = await deployed('auto-upgrade');
    await first.stop();
    await startBuild('B');
    await decide(runs);
    for (const run of runs) {
      await run.result();
      expect(await buildOf(run)).toBe('B');
    }
    expect(effects()).toHaveLength(runCount);
    const view = await readDeployment(stack.client, named);
    expect(view).toMatchObject({ current: 'B', versions: [{ buildId: 'B', current: true }, { buildId: 'A' }] });
    expect(stalled(view!)).toEqual([]);
  }, 180_000);

  it('pinned → each ends on its build; without a worker of it they stall, are counted, and can be moved', async () => {
    const { stack, named, startBuild, first, runs, decide, buildOf, effects } = await deployed('pinned');
    await startBuild('B');
    const [staying, stalling] = [runs.slice(0, 10), runs.slice(10)];
    await decide(staying);
    for (const run of staying) {
      await run.result();
      expect(await buildOf(run)).toBe('A');
    }

    await first.stop();
    await decide(stalling);
    // A clock ten minutes ahead: the server names a poller for minutes after it has gone.
    const seen = () => readDeployment(stack.client, named, { now: Date.now() + 600_000, seenWithinMs: 590_000 });
    await until('the pinned runs are counted', async () => {
      const version = stalled((await seen())!).find(({ buildId }) => buildId === 'A');
      return version?.pinnedRuns === stalling.length;
    });
    expect(effects()).toHaveLength(staying.length);

    const moved: string[] = [];
    for await (const id of movePinnedRuns(stack.client, { name: named.name, from: 'A' })) moved.push(id);
    expect(new Set(moved)).toEqual(new Set(stalling.map(({ id }) => id)));
    for (const run of stalling) {
      await run.result();
      expect(await buildOf(run)).toBe('B');
    }
    expect(effects()).toHaveLength(runCount);
  }, 180_000);

  it('build without a worker → is not promoted, with the reason and the remedy', async () => {
    const [stack] = stacks;
    await expect(promoteBuild(stack!.client, { name: stack!.taskQueue, buildId: 'C', patienceMs: 0 })).rejects.toThrow(
      /^The build "C" can't be promoted: .+ Start a worker with HOLDPOINT_BUILD_ID=C/,
    );
  });
});
