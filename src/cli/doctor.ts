import Table from 'cli-table3';
import type { Command } from 'commander';
import type { Check } from './doctor-checks.ts';

const mark = { ok: '✓', failed: '✗', skipped: '–' } as const;

/** `holdpoint doctor`: checks the settings and every server that they name. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check your settings, your config, and every server that they name')
    .option('--config <file>', 'your config (default: HOLDPOINT_CONFIG, else holdpoint.config.ts)')
    .option(
      '--model [assistant]',
      'try the model of one assistant, or of each: one tiny tool call, no tool of yours runs',
    )
    .option('--json', 'print {ok, checks} as JSON')
    .action(async ({ config, json, model }: { config?: string; json?: true; model?: true | string }) => {
      const checks = model === undefined ? await checkAll(config) : await checkModels(config, model);
      const ok = checks.every(({ state }) => state !== 'failed');
      process.stdout.write(json ? `${JSON.stringify({ ok, checks })}\n` : report(checks));
      process.exit(ok ? 0 : 1);
    });
}

async function checkAll(config: string | undefined): Promise<Check[]> {
  return await (await import('./doctor-checks.ts')).runChecks(config);
}

async function checkModels(config: string | undefined, model: true | string): Promise<Check[]> {
  const { checkModels: check } = await import('./doctor-model.ts');
  return await check(config, model === true ? undefined : model);
}

function report(checks: readonly Check[]): string {
  const width = Math.max(60, (process.stdout.columns ?? 120) - 32);
  const table = new Table({ style: { head: [], border: [] }, colWidths: [3, 22, width], wordWrap: true });
  table.push(
    ...checks.map(({ name, state, found, todo }) => [
      mark[state],
      name,
      todo === undefined ? found : `${found}\n→ ${todo}`,
    ]),
  );
  return `${table.toString()}\n`;
}
