import { join, relative } from 'node:path';
import Table from 'cli-table3';
import type { Assistant } from '../assistant/assistant.ts';
import type { DevStack } from '../embedded/dev-stack.ts';
import { defaultDataDir } from '../embedded/running-stack.ts';

type Circumstances = { hosted: boolean; publicUrl: string | undefined; ephemeral: boolean };

/** What `holdpoint dev` tells a person once everything is up: where to look, and whom it talks to. */
export function devSummary(
  { facts, signInUrl, worker }: DevStack,
  { hosted, publicUrl, ephemeral }: Circumstances,
): string {
  const assistants = worker.ready['assistants'] as Array<Pick<Assistant, 'name' | 'api' | 'model' | 'assistantId'>>;
  const [first] = assistants;
  const state = relative(process.cwd(), facts.dataDir).startsWith('..')
    ? facts.dataDir
    : relative(process.cwd(), facts.dataDir) || '.';
  const rows: Array<[string, string, string]> = [
    [
      'Cheqpoint',
      facts.reviewServer.url,
      hosted ? 'requests go to real people' : 'local review server; set CHEQPOINT_CONNECTION_KEY for the hosted one',
    ],
    [
      'Model',
      facts.openai.baseURL,
      facts.openai.standIn ? 'stand-in, not a model; set OPENAI_API_KEY for a real one' : 'real; its calls cost money',
    ],
    ['Gateway', facts.gateway.url, `key: ${join(state, 'running.json')}`],
    ...(facts.temporal.ui === null
      ? []
      : [['Temporal UI', facts.temporal.ui, 'watch the runs'] satisfies [string, string, string]]),
    ['Temporal', facts.temporal.address, `Task Queue "${facts.worker.taskQueue}"`],
    ['State', state, ephemeral ? 'removed at the end' : 'kept; logs are there too'],
    [
      'Assistants',
      assistants.map(({ name }) => name).join(', '),
      assistants
        .map(
          ({ api, model, assistantId }) =>
            `${model ?? assistantId}${api === 'assistants' ? ' by the Assistants API' : ''}`,
        )
        .join(', '),
    ],
  ];
  const table = new Table({
    chars: noBorders,
    style: { compact: true, 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
  });
  table.push(...rows.map(([what, where, remark]) => [`  ${what}`, where, remark]));
  return [
    '\nHoldpoint is up.\n',
    table.toString(),
    ...(signInUrl === undefined ? [] : [`\nDecide here (the link signs you in, once):\n  ${signInUrl}`]),
    ...(facts.openai.standIn
      ? assistants.flatMap(({ name, assistantId }) =>
          assistantId === null
            ? []
            : [
                `\nThe stand-in does not have ${assistantId}: runs of "${name}" will wait until assistantId is left out, or OPENAI_API_KEY is set.`,
              ],
        )
      : []),
    ...(hosted && publicUrl === undefined
      ? [
          "\nCheqpoint can't reach this machine (HOLDPOINT_PUBLIC_URL is not set): decisions are looked for every 5 seconds.",
        ]
      : []),
    `\nIn another terminal:\n  ${facts.dataDir === defaultDataDir(process.cwd()) ? '' : `HOLDPOINT_DATA_DIR=${facts.dataDir} `}npx holdpoint run ${JSON.stringify(first?.name === 'comms' ? 'Tell all customers about the downtime.' : 'Hello!')} --assistant ${first?.name ?? ''}\n`,
    'The worker is replaced when the config or a tool changes. Ctrl-C stops everything.\n\n',
  ].join('\n');
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
