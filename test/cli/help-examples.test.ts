import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { helpExamples } from '../../src/cli/help-examples.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createRunIo } from '../../src/cli/run-io.ts';

/** All commands, which say that they were called and do nothing else. */
function idleProgram(called: string[] = []) {
  const program = createProgram({ version: '1', description: 'test' }, createRunIo({}, '/'));
  for (const { path, command } of leaves(program)) command.action(() => void called.push(path));
  return program;
}

function leaves(parent: Command, path: readonly string[] = []): Array<{ path: string; command: Command }> {
  return parent.commands.flatMap((command) => {
    const own = [...path, command.name()];
    return command.commands.length > 0 ? leaves(command, own) : [{ path: own.join(' '), command }];
  });
}

/** The words of a command line, without a redirection. */
const words = (line: string) =>
  [...line.replace(/ >>? \S+$/, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

const paths = leaves(idleProgram()).map(({ path }) => path);

it.each(paths.filter((path) => path !== 'complete'))('%s: its help has an example', (path) => {
  let help = '';
  const leaf = leaves(idleProgram()).find((each) => each.path === path);
  leaf?.command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  expect(help).toContain(`\nExamples:\n  holdpoint `);
  expect(help).toContain(` ${path}`);
});

it.each(helpExamples)('holdpoint %s → the command takes it', async (line) => {
  const called: string[] = [];
  const program = idleProgram(called);
  await program.parseAsync(words(line.replace(/^--env \S+ /, '')), { from: 'user' });
  const path = called[0] ?? '';
  expect(words(line).join(' ')).toContain(path);
  expect(called).toHaveLength(1);
});
