import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { explainedSettings, type ExplainedSettings } from '../src/config/explained-settings.ts';
import * as schemas from '../src/config/process-schemas.ts';
import { fileVariableOf } from '../src/config/secret-files.ts';
import { settings, type SettingName } from '../src/config/settings.ts';

/** Writes docs/configuration.md and .env.example from the settings: `npm run configuration`. A test compares them. */

const readers = [
  { letter: 'w', name: 'worker', schema: schemas.workerSchema },
  { letter: 'g', name: 'gateway', schema: schemas.gatewaySchema },
  { letter: 'r', name: 'review server', schema: schemas.reviewServerSchema },
  { letter: 'd', name: '`dev`', schema: schemas.devSchema },
  { letter: 'c', name: 'commands', schema: schemas.commandSchema },
] as const satisfies ReadonlyArray<{ letter: string; name: string; schema: schemas.ProcessSchema }>;

type Name = ExplainedSettings['names'][number];
type Reader = { letter: string; name: string; schema: schemas.ProcessSchema };

const isOurs = (name: Name): name is SettingName => name in settings;
const variableOf = (name: Name) => (isOurs(name) ? settings[name].variable : name);
const isRequiredBy = (name: Name, { schema }: Reader) => isOurs(name) && schema.required.includes(name);
const isReadBy = (name: Name, reader: Reader) =>
  isOurs(name) ? isRequiredBy(name, reader) || reader.schema.optional.includes(name) : reader.schema.temporal;

/** The text of a default that the setting's schema has. */
function defaultOf(name: Name): string | undefined {
  if (!isOurs(name)) return undefined;
  const value = settings[name].value.safeParse(undefined).data;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return typeof value === 'object' && 'port' in value ? `${value.host}:${value.port}` : undefined;
}

function textOf({ names, text }: ExplainedSettings): string {
  const standard = defaultOf(names[0] as Name);
  return standard === undefined ? text : `${text} Default: ${standard}.`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function environmentExample(): string {
  const entries = (explained: ExplainedSettings) => {
    const first = explained.names[0] as Name;
    const letters = readers.filter((reader) => isReadBy(first, reader)).map(({ letter }) => letter);
    return [
      ...wrapped(`[${letters.join(' ')}] ${textOf(explained)}`, 126).map((line) => `# ${line}`),
      ...explained.names.map((name) => `${variableOf(name)}=`),
    ];
  };
  return [
    '# Every variable that Holdpoint reads. `npx holdpoint dev` needs none of them.',
    '# Use a copy with `--env FILE`. docker compose has its own list: deploy/compose.env.example.',
    '# Who reads what: [w] worker, [g] gateway, [r] review server, [d] holdpoint dev,',
    '# [c] commands such as `run`, `approvals` and `keys`. `holdpoint doctor` checks all of them.',
    '# A secret may stand in a file: NAME_FILE=/path instead of NAME. docs/configuration.md says for which.',
    ...explainedSettings.flatMap((section) => [
      '',
      `# ---- ${section.title} ----`,
      ...section.settings.flatMap(entries),
    ]),
    '',
  ].join('\n');
}

function settingPart({ names, ...explained }: ExplainedSettings): string[] {
  const first = names[0] as Name;
  const secrets = names.filter((name) => (isOurs(name) ? settings[name].isSecret : name === 'TEMPORAL_API_KEY'));
  const readBy = readers.flatMap((reader) =>
    isReadBy(first, reader) ? [`${reader.name}${isRequiredBy(first, reader) ? ' (required)' : ''}`] : [],
  );
  return [
    `### ${names.map(variableOf).join(', ')}`,
    '',
    textOf({ names, ...explained }).replaceAll(/docs\/([\w-]+\.md)/g, '[$1]($1)'),
    '',
    `- Read by: ${readBy.join(', ')}.`,
    ...secrets.map((name) => `- From a file: \`${fileVariableOf(variableOf(name))}\`.`),
    '',
  ];
}

async function configurationPage(): Promise<string> {
  const path = new URL('../docs/configuration.md', import.meta.url).pathname;
  const text = [
    '# Configuration',
    '',
    'Every setting is an environment variable. `npx holdpoint dev` needs none of them. `npx holdpoint doctor` checks all of them.',
    '',
    '- Set the variables of a file with `--env FILE`, before or after the command: `npx holdpoint --env .env worker`. Variables that',
    '  are already set keep their values. [.env.example](../.env.example) has all of them, to copy.',
    '- An empty variable counts as not set. An unknown variable that begins with `HOLDPOINT_` stops the process, with the name that',
    '  was probably meant.',
    '- Everything that is wrong is told together, before the process connects to anything. The exit code is 2.',
    '- A secret may stand in a file, as the secrets of Docker and Kubernetes do: `HOLDPOINT_SECRET_FILE=/run/secrets/holdpoint` in',
    '  place of `HOLDPOINT_SECRET`. One line break at the end of the file does not count. The file is read at the start.',
    '- Assistants, tools and review policies stand in your `holdpoint.config.ts`: [Assistants](assistants.md), [Tools](tools.md).',
    '',
    ...explainedSettings.flatMap(({ title, settings: explained }) => [
      `## ${title}`,
      '',
      ...explained.flatMap(settingPart),
    ]),
  ].join('\n');
  return await format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
}

/** The files that are made from the settings, by their path from the project's root. */
export async function configurationFiles(): Promise<ReadonlyArray<{ path: string; text: string }>> {
  return [
    { path: '.env.example', text: environmentExample() },
    { path: 'docs/configuration.md', text: await configurationPage() },
  ];
}

if (import.meta.main)
  for (const { path, text } of await configurationFiles()) {
    const url = new URL(`../${path}`, import.meta.url);
    if (readFileSync(url, { encoding: 'utf8', flag: 'a+' }) !== text) writeFileSync(url, text);
  }
