import { PassThrough } from 'node:stream';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Command } from 'commander';
import { onTestFinished } from 'vitest';
import { registerRunCommands } from '../../src/cli/run-commands.ts';
import type { RunSettings } from '../../src/cli/connection.ts';
import type { GatewayDeps } from '../../src/gateway/app.ts';
import type { RunIo } from '../../src/cli/run-io.ts';
import { apiKey, testGateway } from '../gateway/test-gateway.ts';

/** The commands against a real gateway address, with runs in memory. `changed`: other parts of the gateway. */
export async function commands(more: RunSettings = {}, changed: Partial<GatewayDeps> = {}) {
  const gateway = testGateway(changed);
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: gateway.app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
  });
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  const gatewayUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const interrupt = new AbortController();
  const passwords: string[] = [];
  const questions: string[] = [];
  const said = { out: '', err: '', code: 0 };
  const stderr = new PassThrough();
  stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const io: RunIo = {
    stdout: { write: (text) => (said.out += text) },
    stderr,
    settings: () => ({ gatewayUrl, apiKey, ...more }),
    setExitCode: (code) => (said.code = code),
    newPassword: async () => {
      const password = passwords.shift();
      if (password === undefined) throw new Error('No password is asked for here.');
      return password;
    },
    confirm: undefined,
    interrupted: () => interrupt.signal,
  };
  /** From now on there is a terminal, on which questions get this answer. */
  const answerQuestions = (answer: boolean | (() => Promise<boolean>)) => {
    io.confirm = async (question) => {
      questions.push(question);
      return typeof answer === 'boolean' ? answer : await answer();
    };
  };
  const holdpoint = async (...words: string[]) => {
    Object.assign(said, { out: '', err: '', code: 0 });
    const program = new Command('holdpoint').exitOverride();
    program.configureOutput({ writeErr: (text) => (said.err += text), writeOut: (text) => (said.out += text) });
    registerRunCommands(program, io);
    await program.parseAsync(words, { from: 'user' });
    return { ...said, json: () => JSON.parse(said.out) };
  };
  return { gateway, gatewayUrl, holdpoint, said, interrupt, passwords, questions, answerQuestions };
}
