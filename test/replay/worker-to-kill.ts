import { startRunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { Client, Connection } from '@temporalio/client';
import { recordedTools } from './scenarios.ts';

/** A whole stack in a process that is killed while its run waits: starts the run, says when it waits, lives on. */
const [address = '', workflowId = ''] = process.argv.slice(2);
const connection = await Connection.connect({ address });
const stack = await startRunStack(recordedTools(), {
  temporal: {
    address,
    namespace: 'default',
    connection,
    client: new Client({ connection }),
    server: undefined as never,
  },
  taskQueue: workflowId,
});
const run = await stack.start([calling(call('send_mail', { to: 'all', count: 500 }, 'call_1')), answering('sent')], {
  id: workflowId,
});
await run.approval();
process.stdout.write('waiting\n');
