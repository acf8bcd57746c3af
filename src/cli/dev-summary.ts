import { join, relative } from 'node:path';
import Table from 'cli-table3';
import type { Assistant } from '../assistant/assistant.ts';
import type { DevStack } from '../embedded/dev-stack.ts';
import { runsInUi } from '../adapters/temporal/ui-links.ts';
import { devReviewer } from '../embedded/dev-options.ts';
import { defaultDataDir } from '../embedded/running-stack.ts';

type Circumstances = {
  hosted: boolean;
  publicUrl: string | undefined;
  ephemeral: boolean;
  /** The identity provider that signs people in at the local review server. */
  provider: { issuer: string; name: string | undefined } | undefined;
};

/** The text that `holdpoint dev` prints when the stack is up: its addresses, its model and its Cheqpoint. */
export function devSummary(
  { facts, signInUrl, worker }: DevStack,
  { hosted, publicUrl, ephemeral, provider }: Circumstances,
): string {
  const assistants = worker.ready['assistants'] as Array<Pick<Assistant, 'name' | 'api' | 'model' | 'assistantId'>>;
  const [first] = assistants;
  const state = relative(process.cwd(), facts.dataDir).startsWith('..')
    ? facts.dataDir
    : relative(process.cwd(), facts.dataDir) || '.';
  const isDefault = facts.dataDir === defaultDataDir(process.cwd());
  const folder = isDefault ? '' : ` --data-dir ${state}`;
  const rows: Array<[string, string, string]> = [
    [
      'Cheqpoint',
      facts.reviewServer.url,
      hosted ? 'real people decide' : `local; connectionKey in ${join(state, 'keys.json')}`,
    ],
    ...(provider === undefined || facts.reviewServer.inbox === null
      ? []
      : [
          [
            'Sign-in',
            provider.name ?? provider.issuer,
            `redirect URI for the provider: ${new URL('/auth/callback', facts.reviewServer.inbox).href}`,
          ] satisfies [string, string, string],
        ]),
    [
      'Model',
      facts.openai.baseURL,
      facts.openai.standIn ? 'stand-in; OPENAI_API_KEY sets a real one' : 'real model; calls cost money',
    ],
    ['Gateway', facts.gateway.url, `apiKey in ${join(state, 'keys.json')}`],
    ['Temporal', facts.temporal.address, `Task Queue "${facts.worker.taskQueue}"`],
    ['State', state, ephemeral ? 'removed on exit' : 'kept, with logs'],
    [
      'Assistants',
      assistants.map(({ name }) => name).join(', '),
      assistants
        .map(
          ({ api, model, assistantId }) => `${model ?? assistantId}${api === 'assistants' ? ' (Assistants API)' : ''}`,
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
    table.toString().replaceAll(/ +$/gm, ''),
    // Its address is too long for the table.
    ...(facts.temporal.ui === null
      ? []
      : [`\nThe runs in Temporal's UI:\n  ${runsInUi(facts.temporal.ui, facts.temporal.namespace)}`]),
    ...(signInUrl === undefined
      ? []
      : [
          `\nDecide here (the link signs you in, once):\n  ${signInUrl}\nAgain: npx holdpoint dev --link${folder}. Or as ${devReviewer}, reviewerPassword in ${join(state, 'keys.json')}.`,
        ]),
    ...(facts.openai.standIn
      ? assistants.flatMap(({ name, assistantId }) =>
          assistantId === null
            ? []
            : [
                `\nThe stand-in has no assistant ${assistantId}: runs of "${name}" wait until you remove assistantId or set OPENAI_API_KEY.`,
              ],
        )
      : []),
    ...(hosted ? [] : ['\nWith CHEQPOINT_CONNECTION_KEY, people decide at hosted Cheqpoint.']),
    ...(hosted && publicUrl === undefined
      ? [
          "\nCheqpoint can't reach this machine (HOLDPOINT_PUBLIC_URL is not set): decisions are polled every 5 seconds.",
        ]
      : []),
    `\nIn another terminal:\n  ${isDefault ? '' : `HOLDPOINT_DATA_DIR=${facts.dataDir} `}npx holdpoint run ${JSON.stringify(first?.name === 'comms' ? 'Tell all customers about the downtime.' : 'Hello!')} --assistant ${first?.name ?? ''}\n`,
    'A change of the config or a tool restarts the worker. Ctrl-C stops everything.\n\n',
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
