import type { Command } from 'commander';

/** Command lines for the `--help` of each command, without `holdpoint`. A test parses them. */
export const helpExamples: readonly string[] = [
  'dev',
  'dev --config src/holdpoint.config.ts --port-base 9000',
  'dev --link',
  'dev --variables > .env',
  "run 'Refund payment p_17' --assistant support",
  'run \'Send the offer\' --assistant sales --context \'{"user":"ada"}\' --detach',
  "run 'And the second one?' --continue-from run_123",
  'runs list --state waiting',
  'runs list --assistant support --limit 20 --json',
  'runs show run_123',
  'runs watch run_123',
  'runs history run_123 > history.json',
  "runs message run_123 'Use the other address'",
  'runs cancel run_123',
  'runs retry run_123',
  "approvals request --action deploy --summary 'Deploy 1.4 to production' --details '{\"version\":\"1.4\"}' --expires-in '2 hours'",
  'approvals list --assistant support',
  'approvals show ap_123',
  "approvals ask ap_123 'Which customer is this for?'",
  "approvals approve ap_123 --note 'checked with finance'",
  "approvals reject ap_123 --note 'wrong account'",
  'approvals edit ap_123 amount=40',
  'approvals edit ap_123 --details \'{"payment":"p_17","amount":40}\'',
  'approvals happened ap_123',
  'approvals not-happened ap_123',
  'approvals give-up ap_123',
  "usage --by assistant --since '2 days'",
  'keys list --assistant support',
  'keys create support',
  'keys rotate key_123 --overlap 24h',
  'keys revoke key_123',
  'api-keys create billing --start refunds,invoices',
  'api-keys create dashboard --read all --control none',
  'api-keys list',
  'api-keys show billing',
  'api-keys rotate billing --overlap 24h',
  'api-keys set-scopes billing --start refunds',
  'api-keys revoke billing',
  'rules list',
  "rules add 'small refunds' --when 'action is refund' --when 'details.amount at-most 50' --decision approve",
  "rules try 'small refunds'",
  "rules on 'small refunds'",
  "rules off 'small refunds'",
  "rules remove 'small refunds'",
  'users list',
  'users add ada --role reviewer admin',
  'users set-roles ada reviewer auditor',
  'users set-password ada',
  'users reset-passkeys ada',
  'users remove ada',
  'users link ada ada@example.com',
  'audit verify',
  'audit verify --file audit.jsonl',
  'audit export --format csv --output audit.csv',
  'purge --older-than 90d --dry-run',
  'purge --older-than 90d --yes',
  'erase --subject customer.id=c_17',
  'deployment show',
  'deployment promote 2026-12-01',
  'deployment move 2026-11-24',
  'replay history.json',
  'doctor',
  'doctor --model support',
  'init',
  'init my-app --example email-blast',
  'worker --config src/holdpoint.config.ts',
  '--env production.env gateway',
  '--env production.env review-server',
  'completion bash >> ~/.bashrc',
];

/** Adds to the help of each command the examples that run it or a command below it. */
export function addHelpExamples(program: Command, path: readonly string[] = []): void {
  for (const command of program.commands) {
    const own = [...path, command.name()];
    const lines = helpExamples
      .filter((line) => isBelow(line, own))
      .map((line) => `  ${root(program).name()} ${line}\n`);
    if (lines.length > 0) command.addHelpText('after', `\nExamples:\n${lines.join('')}`);
    addHelpExamples(command, own);
  }
}

const root = (command: Command): Command => (command.parent === null ? command : root(command.parent));

function isBelow(line: string, path: readonly string[]): boolean {
  const words = line.replace(/^--env \S+ /, '').split(' ');
  return path.every((name, at) => words[at] === name);
}
