import { PassThrough } from 'node:stream';
import { Command, CommanderError } from 'commander';
import fc from 'fast-check';
import { UsageError } from '../../../src/cli/connection.ts';
import { editAnswer } from '../../../src/cli/edited-details.ts';
import { parseJsonFlag } from '../../../src/cli/run-action.ts';
import { registerRunCommands } from '../../../src/cli/run-commands.ts';
import type { RunIo } from '../../../src/cli/run-io.ts';
import { apiKey } from '../../gateway/test-gateway.ts';
import { jsonObject, jsonText, mutated, spoiled, text } from '../arbitraries.ts';
import { fuzzedGateway } from './gateway.ts';
import { must, orRefused, target } from '../target.ts';

/** Every command with its options, from the commands themselves. */
function commandLines(program: Command, before: string[] = []): Array<{ words: string[]; options: string[] }> {
  return program.commands.flatMap((command) => {
    const words = [...before, command.name()];
    const own = { words, options: command.options.map(({ long }) => long ?? '').filter((option) => option !== '') };
    return [...(command.commands.length > 0 ? [] : [own]), ...commandLines(command, words)];
  });
}

const value = fc.oneof(
  fc.constantFrom(
    'open',
    'done',
    'asks',
    'req-1',
    'comms',
    '{"a":1}',
    '{',
    '3 days',
    '5',
    '-1',
    '--',
    '-',
    '--json',
    '--x',
    'details.amount at-most 50',
    'a=b',
    'a=',
    '=',
    'approve',
    'reject',
  ),
  spoiled(fc.constantFrom('{"to":"all"}', 'details.amount at-most 50', 'amount=5')),
  text,
);

export const cliTargets = [
  target('command line', 12, () => {
    let gateway = fuzzedGateway();
    const fetchBefore = globalThis.fetch;
    // Every server that a command reaches is this gateway, so nothing leaves the process.
    globalThis.fetch = async (url, init) => gateway.app.fetch(new Request(url, init));
    const lines = commandLines(programOf({ out: '', err: '', code: 0 }));
    const hidden = ['--api-key', '--gateway-url', '--help', '--follow', '--watch'];
    return {
      close: () => void (globalThis.fetch = fetchBefore),
      input: fc.constantFrom(...lines).chain(({ words, options }) =>
        fc.record({
          words: fc.oneof(
            { weight: 8, arbitrary: fc.constant(words) },
            { weight: 1, arbitrary: fc.array(value, { maxLength: 2 }) },
          ),
          more: fc.array(
            fc.oneof(value, fc.constantFrom('--json', ...options.filter((option) => !hidden.includes(option)))),
            { maxLength: 5 },
          ),
        }),
      ),
      run: async ({ words, more }) => {
        if (gateway.runs.runs.size > 200) gateway = fuzzedGateway();
        const said = { out: '', err: '', code: 0 };
        try {
          await programOf(said).parseAsync([...words, ...more], { from: 'user' });
        } catch (error) {
          if (!(error instanceof CommanderError)) throw error;
          return;
        }
        must(said.code === 0 || said.err.trim() !== '', `The command failed with ${said.code} and said nothing.`);
        must(
          !/\[object Object\]|undefined|TypeError| at .*\.ts:/.test(
            said.err.replaceAll(JSON.stringify(more).slice(1, -1), ''),
          ) || more.some((word) => /undefined|object|at /.test(word)),
          `The command says: ${said.err}`,
        );
        must(!`${said.out}${said.err}`.includes(apiKey), 'The API key is printed.');
      },
    };
  }),
  target('command line: edits and JSON', 30, () => ({
    input: fc.record({
      details: jsonObject,
      given: fc.option(mutated(jsonObject), { nil: undefined }),
      changes: fc.array(fc.oneof(value, text), { maxLength: 3 }),
      remove: fc.array(text, { maxLength: 2 }),
      fromEarlier: fc.boolean(),
      written: jsonText(jsonObject),
    }),
    run: ({ details, given, changes, remove, fromEarlier, written }) => {
      orRefused(() => parseJsonFlag('--details', written), UsageError);
      const before = JSON.stringify(details);
      const answer = orRefused(
        () =>
          editAnswer(
            { details, draft: fromEarlier ? { edit: details, note: 'n' } : null },
            { given, changes, remove, ...(fromEarlier && { fromEarlier: true }) },
          ),
        UsageError,
      );
      must(JSON.stringify(details) === before, 'The present arguments were changed.');
      if (answer?.modifiedDetails)
        must(
          remove.every((key) => !Object.hasOwn(answer.modifiedDetails!, key)),
          'A removed key stays.',
        );
    },
  })),
];

function programOf(said: { out: string; err: string; code: number }): Command {
  const stderr = new PassThrough();
  stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const interrupt = new AbortController();
  const io: RunIo = {
    stdout: { write: (words) => (said.out += words) },
    stderr: Object.assign(stderr, { write: (words: string) => ((said.err += words), true) }) as RunIo['stderr'],
    settings: () => ({ gatewayUrl: 'http://127.0.0.1:9', apiKey, reviewUrl: 'http://127.0.0.1:9', reviewerToken: 't' }),
    setExitCode: (code) => (said.code = code),
    newPassword: async () => 'a password of the tests',
    confirm: undefined,
    interrupted: () => {
      // A command that watches a run waits for its end.
      setTimeout(() => interrupt.abort(), 50);
      return interrupt.signal;
    },
  };
  const program = new Command('holdpoint').exitOverride();
  program.configureOutput({ writeErr: (words) => (said.err += words), writeOut: (words) => (said.out += words) });
  registerRunCommands(program, io);
  return program;
}
