import { parseArgs } from 'node:util';

/** The options of the demo. */
export type DemoOptions = { json: boolean; keep: boolean; help: boolean };

export const usage = `npm run demo                 the whole product on this machine, in under two minutes
npm run demo -- --keep       stays up afterwards: you decide the last run, in the inbox
npm run demo -- --json       one JSON document on standard output, the story on standard error
`;

/** Reads the command line. @throws Error that says what is wrong with it. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({ args: [...args], allowPositionals: false, options: { json: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } });
  return values;
}
