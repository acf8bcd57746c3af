import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import { processEnvironment, type Environment } from '../config/environment.ts';
import { devSchema } from '../config/process-schemas.ts';
import { identityProviderOf, identityProviderVariables } from '../config/identity-provider.ts';
import { readConfig, type Config } from '../config/read-config.ts';
import { settings } from '../config/settings.ts';
import { hostedCheqpointUrl } from '@holdpoint/cheqpoint';
import { startDevStack, type DevStack, type DevStackOptions } from '../embedded/dev-stack.ts';
import { defaultDataDir } from '../embedded/running-stack.ts';
import { onOutputClosed, onStopAsked } from '@holdpoint/process';
import { printSignInLink } from './sign-in-link.ts';
import { devSummary } from './dev-summary.ts';
import { devVariables } from './dev-variables.ts';
import { runningDevStack } from './running-dev-stack.ts';
import { spinner } from './spinner.ts';

/** The options of `holdpoint dev`. */
export type DevFlags = {
  config?: string;
  dataDir?: string;
  ephemeral?: true;
  portBase?: number;
  temporal?: string;
  json?: true;
  link?: true;
  variables?: true;
};

/**
 * Runs the stack until a signal, then exits.
 * @throws ConfigError, and the errors of `startDevStack`.
 */
export async function dev(flags: DevFlags): Promise<void> {
  const config = readConfig(processEnvironment(), devSchema);
  if (flags.link || flags.variables) {
    const dataDir = resolve(flags.dataDir ?? config.dataDir ?? defaultDataDir(process.cwd()));
    if (flags.link) printSignInLink(dataDir);
    if (flags.variables) process.stdout.write(devVariables(runningDevStack(dataDir)));
    return;
  }
  onOutputClosed(() => undefined, { survivesFullDisk: true });
  const configFile = resolve(flags.config ?? config.configFile);
  if (!existsSync(configFile))
    throw new ConfigError([
      `There is no config at ${configFile}. Make one with: npx holdpoint init. Or name yours with --config FILE.`,
    ]);
  if (flags.ephemeral && flags.dataDir !== undefined)
    throw new ConfigError(['--ephemeral and --data-dir exclude each other. Leave one of them out.']);

  const progress = spinner(process.stderr, 'Starting …');
  const write = (line: string) => {
    if (progress.isSpinning) progress.clear();
    process.stderr.write(`${line}\n`);
    if (progress.isSpinning) progress.render();
  };
  let stack: DevStack | undefined;
  const ended = untilSignal(() => stack, write);
  progress.start();
  try {
    stack = await startDevStack({ ...stackOptions(flags, config, configFile), log: write });
  } finally {
    progress.stop();
  }
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(stack.facts)}\n`
      : devSummary(stack, {
          hosted: config.connectionKey !== undefined,
          publicUrl: config.publicUrl,
          ephemeral: flags.ephemeral ?? false,
          provider: identityProviderOf(config),
        }),
  );
  await ended;
  process.exit(0);
}

function stackOptions(
  flags: DevFlags,
  config: Config<typeof devSchema>,
  configFile: string,
): Omit<DevStackOptions, 'log'> {
  const environment = processEnvironment();
  return {
    configFile,
    dataDir: flags.ephemeral ? null : resolve(flags.dataDir ?? config.dataDir ?? defaultDataDir(process.cwd())),
    environment,
    temporalCli: config.temporalCli,
    portBase: flags.portBase,
    callbackHosts: callbackHosts(config.reviewCallbackHosts),
    identityProvider: identityProviderOf(config) && identityProviderVariables(environment),
    temporal:
      flags.temporal === undefined
        ? undefined
        : { address: flags.temporal, environment: temporalVariables(environment) },
    openai:
      config.openaiApiKey === undefined && config.openaiBaseUrl === undefined
        ? undefined
        : {
            apiKey: config.openaiApiKey?.reveal() ?? 'none',
            baseURL: config.openaiBaseUrl,
            webhookSecret: config.openaiWebhookSecret?.reveal(),
          },
    modelSilenceSeconds: config.modelSilenceSeconds,
    encryption: config.payloadKeys?.reveal(),
    cheqpoint:
      config.connectionKey === undefined
        ? undefined
        : {
            connectionKey: config.connectionKey.reveal(),
            baseUrl: config.cheqpointUrl ?? hostedCheqpointUrl,
            publicUrl: config.publicUrl,
            webhookSecret: config.cheqpointWebhookSecret?.reveal(),
          },
  };
}

/** @throws ConfigError for `public`: the gateway of the stack has no public address. */
function callbackHosts(hosts: Config<typeof devSchema>['reviewCallbackHosts']): DevStackOptions['callbackHosts'] {
  if (hosts !== 'public') return hosts;
  throw new ConfigError([
    `${settings.reviewCallbackHosts.variable}=public keeps callbacks from the gateway of holdpoint dev. Leave it out to allow this machine, or list hosts, or set any.`,
  ]);
}

function temporalVariables(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[0].startsWith('TEMPORAL_') && entry[1] !== undefined,
    ),
  );
}

/** Stops the stack at a signal, then resolves. A second signal, or a signal during the start, exits at once. */
async function untilSignal(stack: () => DevStack | undefined, write: (line: string) => void): Promise<void> {
  // The children end when this process is gone.
  const leave = () => process.exit(130);
  await new Promise<void>((asked) => onStopAsked(asked, leave));
  const running = stack();
  if (running === undefined) leave();
  write('\nStopping. Press Ctrl-C again to stop at once.');
  await running?.stop();
}
