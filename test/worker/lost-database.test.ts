import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresIsInstalled, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling, type ScriptedTurn } from '../support/scripted-model.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { mailTool } from '../support/tools.ts';

describe.skipIf(!postgresIsInstalled)('worker, connections to PostgreSQL are lost', () => {
  const { tool, ran } = mailTool();
  let postgres: TestPostgres;
  let proxy: TcpProxy;
  let stack: RunStack;
  beforeAll(async () => {
    postgres = (await startPostgres())!;
    proxy = await startTcpProxy(await postgres.createDatabase());
    stack = await startRunStack([tool], { databaseUrl: `${proxy.url}?query_timeout=1000` });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await proxy.close();
    await postgres.stop();
  });

  it('half-open in takeTurn and in settleToolCall → the run goes on over new connections, and the tool runs once', async () => {
    let lost = 0;
    // The first attempt of a turn finds its connections half-open when it stores the transcript.
    const losing = (outcome: ReturnType<typeof answering>): ScriptedTurn => {
      let attempts = 0;
      return () => {
        attempts += 1;
        if (attempts === 1) {
          proxy.loseConnections();
          lost += 1;
        }
        return outcome;
      };
    };
    const run = await stack.start([
      losing(calling(call('send_mail', { to: 'all', count: 500 }))),
      losing(answering('Sent.')),
    ]);
    const approval = await run.approval();
    proxy.loseConnections();
    await run.decide(approval, { decision: 'approve' });
    expect((await run.result()).output).toEqual({ type: 'inline', value: 'Sent.' });
    expect([ran.length, lost]).toEqual([1, 2]);
  }, 60_000);
});
