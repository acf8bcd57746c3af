import { fileURLToPath } from 'node:url';

/** A typical user project: enums, imports without extension, an alias of tsconfig.json, no "type" in package.json. */
export const freshProject: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'fresh-project', private: true }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'es2024',
      module: 'preserve',
      moduleResolution: 'bundler',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [fileURLToPath(new URL('../../node_modules/@types', import.meta.url))],
      paths: { '@tools/*': ['./src/tools/*'] },
    },
    include: ['*.ts', 'src'],
  }),
  'src/currency.ts': "export enum Currency {\n  Euro = 'EUR',\n  Dollar = 'USD',\n}\n",
  'src/tools/refund.ts': `import { appendFileSync } from 'node:fs';
import { defineTool } from 'holdpoint';
import { z } from 'zod';
import { Currency } from '../currency';

export const refund = defineTool({
  name: 'refund',
  description: 'Give money back.',
  parameters: z.object({ amount: z.number(), currency: z.enum(Currency) }),
  effect: 'at-most-once',
  review: { when: ({ amount, currency }) => amount > 10 || currency !== Currency.Euro, risk: 'high' },
  execute: ({ amount, currency }) => {
    appendFileSync(process.env['REFUNDS'] as string, \`\${amount} \${currency}\\n\`);
    return { refunded: amount };
  },
});
`,
  'holdpoint.config.ts': `import { defineAssistant, defineConfig } from 'holdpoint';
import { refund } from '@tools/refund';

export default defineConfig({ assistants: [defineAssistant({ name: 'billing', model: 'gpt-5', instructions: 'Be fair.', tools: [refund] })] });
`,
  'refund.test.mjs': `import assert from 'node:assert/strict';
import { it } from 'node:test';
import { defineTool } from 'holdpoint';
import { replayAll, testTool } from 'holdpoint/testing';
import { z } from 'zod';

const tool = defineTool({
  name: 'refund',
  description: 'Give money back.',
  parameters: z.object({ amount: z.number() }),
  effect: 'idempotent',
  review: { when: ({ amount }) => amount > 10 },
  execute: ({ amount }) => ({ refunded: amount }),
});
it('tool', async () => {
  assert.equal((await testTool(tool).review({ amount: 20 })).reviewed, true);
  assert.deepEqual((await testTool(tool).call({ amount: 5 })).result, { refunded: 5 });
});
it('replay', async () => assert.equal((await replayAll('histories')).length, 1));
`,
  'src/refund-types.ts': `import { testTool } from 'holdpoint/testing';
import { refund } from '@tools/refund';
import { Currency } from './currency';

export const typed = () => testTool(refund).call({ amount: 1, currency: Currency.Euro }).then(({ result }) => result.refunded);
// @ts-expect-error -- The argument is called amount.
export const misspelled = () => testTool(refund).call({ amuont: 1, currency: Currency.Euro });
`,
  'start.ts': `import { createClient } from 'holdpoint/client';

const [url, apiKey, input] = process.argv.slice(2) as [string, string, string];
const run = await createClient({ url, apiKey }).runs.create({ assistant: 'billing', input, id: 'by-client' });
console.log(await run.result());
`,
  // A CommonJS project: no "type" in its package.json.
  'api/tsconfig.json': JSON.stringify({
    compilerOptions: { module: 'node16', lib: ['es2022', 'dom'], types: [], strict: true, noEmit: true },
    include: ['client.ts'],
  }),
  'api/client.ts': `import { createClient, type Run } from 'holdpoint/client';

export const get = (id: string): Promise<Run> => createClient({ url: 'http://gateway', apiKey: 'key' }).runs.get(id);
`,
};

/** A project with a Temporal Worker, a Workflow, an Activity and a codec of its own. */
export const ownWorkerProject: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'own-worker', private: true, type: 'module' }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'es2024',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: ['node'],
      typeRoots: [fileURLToPath(new URL('../../node_modules/@types', import.meta.url))],
    },
    include: ['*.ts'],
  }),
  'workflows.ts': `import { proxyActivities } from '@temporalio/workflow';
import { executeRun } from 'holdpoint/workflow';

const { shout } = proxyActivities<{ shout(text: string): Promise<string> }>({ startToCloseTimeout: '10 s' });

export async function complaint(order: number): Promise<string> {
  const { output } = await executeRun({ assistant: 'billing', input: 'call refund {"amount": 20}', context: { order }, id: 'by-workflow' });
  return await shout(output ?? '');
}
`,
  'codec.ts': `import type { PayloadCodec } from '@temporalio/common';

const flipped = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0x5a);
export const codec: PayloadCodec = {
  encode: async (payloads) =>
    payloads.map(({ metadata, data }) => ({ metadata: { encoding: Buffer.from('binary/flipped'), was: metadata!['encoding']! }, data: flipped(data!) })),
  decode: async (payloads) =>
    payloads.map((payload) =>
      Buffer.from(payload.metadata?.['encoding'] ?? []).toString() === 'binary/flipped'
        ? { metadata: { encoding: payload.metadata!['was']! }, data: flipped(payload.data!) }
        : payload,
    ),
};
`,
  'main.ts': `import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { defineAssistant, defineConfig, defineTool } from 'holdpoint';
import { HoldpointPlugin } from 'holdpoint/temporal';
import { z } from 'zod';
import { codec } from './codec.ts';

const { address, connectionKey, reviewUrl, openaiUrl, openaiKey, databaseUrl, secret } = JSON.parse(process.argv[2]!) as Record<string, string>;
const refund = defineTool({
  name: 'refund',
  description: 'Give money back.',
  parameters: z.object({ amount: z.number() }),
  effect: 'at-most-once',
  review: 'always',
  execute: ({ amount }) => {
    appendFileSync(process.env['REFUNDS'] as string, \`\${amount} by own worker\\n\`);
    return { refunded: amount };
  },
});
const dataConverter = { payloadCodecs: [codec] };
const connection = await NativeConnection.connect({ address: address! });
const client = new Client({ connection, dataConverter });
const worker = await Worker.create({
  connection,
  taskQueue: 'own',
  dataConverter,
  workflowsPath: fileURLToPath(new URL('workflows.ts', import.meta.url)),
  activities: { shout: async (text: string) => text.toUpperCase() },
  plugins: [
    new HoldpointPlugin({
      config: defineConfig({ assistants: [defineAssistant({ name: 'billing', model: 'gpt-5', tools: [refund] })] }),
      databaseUrl: databaseUrl!,
      secrets: [secret!],
      openai: { apiKey: openaiKey!, baseURL: openaiUrl! },
      cheqpoint: { connectionKey: connectionKey!, baseUrl: reviewUrl! },
    }),
  ],
});
await worker.runUntil(async () => {
  const parent = await client.workflow.start('complaint', { args: [7], taskQueue: 'own', workflowId: 'complaint-7' });
  type View = { calls: Array<{ approval?: { id?: string } }> };
  let approval: string | undefined;
  while (approval === undefined) {
    const view = await client.workflow.getHandle('by-workflow').query<View>('run').catch(() => undefined);
    approval = view?.calls[0]?.approval?.id;
    await setTimeout(100);
  }
  console.log(approval);
  console.log(await parent.result());
});
await connection.close();
`,
};
