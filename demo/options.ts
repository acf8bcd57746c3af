import { parseArgs } from 'node:util';

/** The options of the demo. */
export type DemoOptions = {
  json: boolean;
  keep: boolean;
  help: boolean;
  /** Requests that need several people. */
  team: boolean;
  api: 'responses' | 'assistants';
};

export const usage = `npm run demo                 run the whole product on this machine, in under two minutes
npm run demo -- --keep       keep it running afterwards: you decide the last run, in the inbox
npm run demo -- --json       print one JSON document on standard output, the story on standard error
npm run demo -- --api assistants
                             use OpenAI's Assistants API; one decision comes after a run's ten minutes
npm run demo -- --team       requests that need several people, in a minute; takes --json
`;

/** Reads the command line. @throws Error for an invalid option. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      json: flag,
      keep: flag,
      help: { ...flag, short: 'h' },
      team: flag,
      api: { type: 'string', default: 'responses' },
    },
  });
  const { api } = values;
  if (api !== 'responses' && api !== 'assistants')
    throw new Error(`--api must be responses or assistants, not "${api}".`);
  if (values.team && (values.keep || api !== 'responses'))
    throw new Error('--team takes no --keep, and uses the Responses API.');
  return { ...values, api };
}
