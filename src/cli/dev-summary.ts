import { relative } from 'node:path';
import Table from 'cli-table3';
import type { DevStack } from '../embedded/dev-stack.ts';

type Circumstances = { hosted: boolean; publicUrl: string | undefined; ephemeral: boolean };

/** What `holdpoint dev` tells a person once everything is up: where to look, and whom it talks to. */
export function devSummary({ facts, signInUrl, worker }: DevStack, { hosted, publicUrl, ephemeral }: Circumstances): string {
  const assistants = worker.ready['assistants'] as Array<{ name: string; model: string }>;
  const [first] = assistants;
  const rows: Array<[string, string, string]> = [
    hosted ? ['Cheqpoint', facts.reviewServer.url, 'hosted; requests go to real people'] : ['Inbox', signInUrl ?? '', 'signs you in, once'],
    ...(hosted ? [] : [['Cheqpoint', facts.reviewServer.url, 'local review server; CHEQPOINT_CONNECTION_KEY takes the hosted one'] satisfies [string, string, string]]),
    ['Model', facts.openai.baseURL, facts.openai.standIn ? 'stand-in, no model; OPENAI_API_KEY takes the real one' : 'real; calls cost money'],
    ['Gateway', facts.gateway.url, 'REST for runs; its key is in running.json below'],
    ...(facts.temporal.ui === null ? [] : [['Temporal UI', facts.temporal.ui, 'watch the runs'] satisfies [string, string, string]]),
    ['Temporal', facts.temporal.address, `Task Queue "${facts.worker.taskQueue}"`],
    ['State', relative(process.cwd(), facts.dataDir) || '.', ephemeral ? 'removed at the end' : 'kept; logs are in there too'],
    ['Assistants', assistants.map(({ name }) => name).join(', '), assistants.map(({ model }) => model).join(', ')],
  ];
  const table = new Table({ chars: noBorders, style: { compact: true, 'padding-left': 0, 'padding-right': 2, head: [], border: [] } });
  table.push(...rows.map(([what, where, remark]) => [`  ${what}`, where, remark]));
  return [
    '\nHoldpoint is up.\n',
    table.toString(),
    ...(hosted && publicUrl === undefined ? ['\nCheqpoint can\'t reach this machine (HOLDPOINT_PUBLIC_URL is not set): decisions are looked for every 5 seconds.'] : []),
    `\nIn another terminal:\n  npx holdpoint run ${JSON.stringify(first?.name === 'comms' ? 'Tell all customers about the downtime.' : 'Hello!')} --assistant ${first?.name ?? ''}\n`,
    'The worker is replaced when the config or a tool changes. Ctrl-C stops everything.\n\n',
  ].join('\n');
}

const noBorders = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' };
