import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ProviderOptions } from '../../src/oidc/provider-options.ts';

/** A person of the test's provider. The key in `people` is their subject, and the account they type. */
export type TestPerson = {
  name?: string;
  preferred_username?: string;
  email?: string;
  groups?: unknown;
  _claim_names?: Record<string, string>;
};

export type ProviderSettings = {
  /** 0: any free one. */
  port: number;
  productUrl: string;
  clientId: string;
  clientSecret: string;
  people: Record<string, TestPerson>;
  keyId: string;
  clockOffsetSeconds: number;
  /** False: groups are in the user info only. */
  groupsInIdToken: boolean;
};

/** A real provider in another process. */
export type TestProvider = {
  issuer: string;
  options: ProviderOptions;
  /** Replaces the people. */
  setPeople(people: ProviderSettings['people']): Promise<void>;
  /** Waits for a line of the provider, such as `backchannel.success`, after those that were awaited before. */
  line(start: string): Promise<string>;
  stop(): Promise<void>;
};

export const testPeople: ProviderSettings['people'] = {
  anna: { name: 'Anna Adler', preferred_username: 'anna', groups: ['finance', 'everyone'] },
  bob: { name: 'Bob', preferred_username: 'bob', groups: ['everyone'] },
  otto: { name: 'Otto', preferred_username: 'otto', groups: ['audit'] },
};

const program = fileURLToPath(new URL('provider-process.ts', import.meta.url));

export async function startProvider(
  given: Partial<ProviderSettings> & Pick<ProviderSettings, 'productUrl'>,
): Promise<TestProvider> {
  const settings: ProviderSettings = {
    port: 0,
    clientId: 'holdpoint',
    clientSecret: 'a secret of the tests, long enough for a provider',
    people: testPeople,
    keyId: 'first',
    clockOffsetSeconds: 0,
    groupsInIdToken: false,
    ...given,
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = linesOf(child);
  const issuer = await line('http://');
  return {
    issuer,
    options: {
      issuer,
      clientId: settings.clientId,
      clientSecret: settings.clientSecret,
      scopes: 'openid profile email groups',
      name: 'Example Login',
      roles: [
        { group: 'finance', role: 'reviewer' },
        { group: 'platform', role: 'admin' },
        { group: 'platform', role: 'reviewer' },
        { group: 'audit', role: 'auditor' },
      ],
    },
    line,
    async setPeople(people) {
      child.stdin.write(`${JSON.stringify(people)}\n`);
      await line('people changed');
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Waits for lines in their order. */
function linesOf(child: ChildProcess): (start: string) => Promise<string> {
  const lines: string[] = [];
  let wake = () => {};
  createInterface(child.stdout!).on('line', (line) => {
    lines.push(line);
    wake();
  });
  let ended = false;
  child.once('exit', () => {
    ended = true;
    wake();
  });
  return async (start) => {
    for (;;) {
      const index = lines.findIndex((line) => line.startsWith(start));
      if (index !== -1) return lines.splice(0, index + 1)[index]!;
      if (ended) throw new Error(`The process ended before it printed "${start}".`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}
