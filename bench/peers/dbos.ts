import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Peer, World } from './peer.ts';

/* DBOS: a workflow that receives a message, then runs a step. */

const waitSeconds = 30 * 86_400;

export async function createPeer({ databaseUrl, act }: World): Promise<Peer> {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: databaseUrl,
    logLevel: 'error',
    applicationVersion: '1',
    executorID: 'bench',
  });
  const reviewed = DBOS.registerWorkflow(
    async (item: string) => {
      await DBOS.recv('decision', { timeoutSeconds: waitSeconds });
      return await DBOS.runStep(() => act(item), { name: 'act' });
    },
    { name: 'reviewed' },
  );
  await DBOS.launch();
  return {
    pause: async (item) => void (await DBOS.startWorkflow(reviewed, { workflowID: item })(item)),
    decide: (item) => DBOS.send(item, { type: 'approve' }, 'decision', `decision-${item}`),
    ended: async (item) => void (await DBOS.retrieveWorkflow(item).getResult()),
  };
}
