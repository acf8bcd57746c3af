import type { Command } from 'commander';
import { processEnvironment } from '../config/environment.ts';
import { replaySchema } from '../config/process-schemas.ts';
import { readConfig } from '../config/read-config.ts';

/** `holdpoint replay`: checks recorded histories against the present Workflow code. */
export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('replay exported histories against the present Workflow code (holdpoint runs history RUN > FILE)')
    .argument('<file...>', 'histories as JSON')
    .option('--json', 'print {ok, histories} as JSON')
    .action(async (files: string[], { json }: { json?: true }) => {
      const { replay, replayLine } = await import('../testing/replay.ts');
      const config = readConfig(processEnvironment(), replaySchema);
      const results = await replay(files, {
        encryption: config.payloadKeys?.reveal(),
        namespace: config.temporalNamespace,
      });
      const ok = results.every((result) => result.ok);
      if (json) process.stdout.write(`${JSON.stringify({ ok, histories: results })}\n`);
      else process.stdout.write(results.map((result) => `${replayLine(result)}\n`).join(''));
      process.exit(ok ? 0 : 1);
    });
}
