import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresIsInstalled, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling, type ScriptedTurn } from '../support/scripted-model.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { mailTool } from '../support/tools.ts';

describe.skipIf(!postgresIsInstalled)('worker, connections to PostgreSQL are lost', () => {
  const { tool, ran } = mailTool();
  const once = mailTool({ name: 'send_once', effect: 'at-most-once', review: 'never' });
  let postgres: TestPostgres;
  let proxy: TcpProxy;
  let stack: RunStack;
  beforeAll(async () => {
    postgres = (await startPostgres())!;
    proxy = await startTcpProxy(await postgres.createDatabase());
    stack = await startRunStack([tool, once.tool], { databaseUrl: `${proxy.url}?query_timeout=1000` });
  }, 60_000);
  afterAll(async () => {
    // Else a call without a limit waits on its lost connection, and the worker for the call.
    proxy.resetConnections();
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

  it('reply to the ledger row of an `at-most-once` call is lost → it runs once, and no person is asked', async () => {
    let inserts = 0;
    let loses = false;
    proxy.onRequest((bytes) => {
      if (bytes.includes('insert into "holdpoint_effects"')) loses = (inserts += 1) === 1;
    });
    proxy.onReply(() => !loses || ((loses = false), false));
    const run = await stack.start([calling(call('send_once', { to: 'bob', count: 2 })), answering('Sent.')]);
    expect((await run.result()).output).toEqual({ type: 'inline', value: 'Sent.' });
    expect(once.ran.length).toBe(1);
    expect(inserts).toBe(2);
  }, 60_000);
});
