import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { AskApproval } from '../client.ts';
import { riskLevels, type RiskLevel } from '../domain/approval.ts';
import type { JsonObject } from '@holdpoint/json';
import { UsageError } from './connection.ts';
import { connectionOptions, parseJsonFlag, runAction } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { watchAndPrint } from './watch-and-print.ts';

type RequestFlags = {
  action: string;
  summary: string;
  details: string;
  justification?: string;
  risk?: RiskLevel;
  expiresIn?: string;
  argumentsSchema?: string;
  assistant?: string;
  context?: string;
  id?: string;
  detach?: boolean;
};

/**
 * `holdpoint approvals request`: requests an approval and waits for the decision. Exit code 0 only if it is approved.
 */
export function registerRequestApproval(approvals: Command, io: RunIo): void {
  const command = connectionOptions(
    approvals
      .command('request')
      .description('request an approval from a script and wait for the decision; exit code 0 only if it is approved'),
  )
    .requiredOption('--action <name>', 'name of the action')
    .requiredOption('--summary <text>', 'one plain sentence for the reviewer')
    .requiredOption('--details <json>', 'exact parameters of the action; the approved ones are printed')
    .option('--justification <text>', 'reason for the action')
    .addOption(new Option('--risk <level>', 'risk level; default: medium').choices(riskLevels))
    .option('--expires-in <span>', 'how long to wait, such as "3 days"; default: no limit')
    .option('--arguments-schema <file>', 'file with the JSON schema for edits')
    .option(
      '--assistant <name>',
      'assistant of the config whose Connection Key is used; default: CHEQPOINT_CONNECTION_KEY',
    )
    .option('--context <json>', 'extra information for the reviewer')
    .option('--id <id>', 'id of the approval; repeating a request with the same id returns the existing approval')
    .option('--detach', 'print the id and exit; wait with "runs watch"');
  command.action(() =>
    runAction(command, io, async (tools) => {
      const flags = command.opts<RequestFlags>();
      const asked = await tools.client.approvals.request(requestOf(flags));
      if (!asked.started) io.stderr.write(`The approval ${asked.id} exists already.\n`);
      if (flags.detach) tools.print(asked.run, () => asked.id);
      else await watchAndPrint(tools, asked.id, (options) => tools.client.runs.events(asked.id, options));
    }),
  );
}

function requestOf({
  action,
  summary,
  details,
  justification,
  risk,
  expiresIn,
  argumentsSchema,
  assistant,
  context,
  id,
}: RequestFlags): AskApproval {
  return {
    action,
    summary,
    details: parseJsonFlag('--details', details) as JsonObject,
    ...(justification !== undefined && { justification }),
    ...(risk !== undefined && { riskLevel: risk }),
    ...(expiresIn !== undefined && { expiresIn }),
    ...(argumentsSchema !== undefined && {
      argumentsSchema: parseJsonFlag('--arguments-schema', contentOf(argumentsSchema)) as JsonObject,
    }),
    ...(assistant !== undefined && { assistant }),
    ...(context !== undefined && { context: parseJsonFlag('--context', context) }),
    ...(id !== undefined && { id }),
  };
}

/** @throws UsageError when the file can't be read. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`--arguments-schema ${file} can't be read: ${(cause as Error).message}`, { cause });
  }
}
