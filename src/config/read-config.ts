import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { Secret } from '@holdpoint/process';
import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';
import type { ProcessSchema } from './process-schemas.ts';
import { fileVariableOf, secretVariables, withSecretFiles } from './secret-files.ts';
import { settings, variableNames, type SettingValue } from './settings.ts';
import { unknownVariables } from './unknown-variables.ts';

/** The connection to Temporal, from Temporal's own variables and its config file. */
type TemporalConfig = {
  temporalAddress: string;
  temporalNamespace: string;
  /** For `Connection.connect` and `NativeConnection.connect`; holds keys. */
  temporalConnection: Secret<ClientConnectConfig['connectionOptions']>;
};

/** The configuration of one process: exactly the settings of its schema, checked and frozen, secrets wrapped. */
export type Config<Schema extends ProcessSchema> = Readonly<
  { [Name in Schema['required'][number]]: NonNullable<SettingValue<Name>> } & {
    [Name in Schema['optional'][number]]: SettingValue<Name>;
  } & (Schema['temporal'] extends true ? TemporalConfig : unknown)
>;

/**
 * Reads the configuration of one process. An empty variable counts as unset. A secret may stand in the file that
 * `<variable>_FILE` names.
 * @throws ConfigError with all problems together: missing, malformed and unknown variables.
 * @example
 * const config = readConfig(processEnvironment(), gatewaySchema);
 */
export function readConfig<const Schema extends ProcessSchema>(
  environment: Environment,
  { required, optional, temporal }: Schema,
): Config<Schema> {
  const read = withSecretFiles(environment, [
    ...[...required, ...optional].flatMap((name) => (settings[name].isSecret ? [settings[name].variable] : [])),
    ...(temporal ? ['TEMPORAL_API_KEY'] : []),
  ]);
  const given = Object.fromEntries(
    Object.entries(read.environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
  const problems = [
    ...unknownVariables(given, [...variableNames, ...secretVariables.map(fileVariableOf)]),
    ...read.problems,
  ];
  const config: Record<string, unknown> = {};
  for (const name of [...required, ...optional]) {
    const { variable, value } = settings[name];
    const parsed = value.safeParse(given[variable]);
    for (const issue of parsed.error?.issues ?? [])
      problems.push(`${variable} ${issue.message.replace(/^Invalid option: expected/, 'must be')}.`);
    config[name] = parsed.data;
  }
  for (const name of required)
    if (given[settings[name].variable] === undefined && !given[fileVariableOf(settings[name].variable)])
      problems.push(`${settings[name].variable} is not set. docs/configuration.md says what it is for.`);
  if (temporal) {
    const connection = readTemporal(given);
    if (typeof connection === 'string') problems.push(connection);
    else Object.assign(config, connection);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config) as Config<Schema>;
}

/** Temporal's address when neither its variables nor its config file have one: the default of Temporal's own tools. */
export const defaultTemporalAddress = 'localhost:7233';

function readTemporal(environment: Record<string, string>): TemporalConfig | string {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: environment });
    if (connectionOptions.address?.includes('@') === true)
      return "TEMPORAL_ADDRESS (or the address in Temporal's config file) must be a host and a port, without a user name or password. Keys have their own settings: TEMPORAL_API_KEY, TEMPORAL_TLS_*.";
    return {
      temporalAddress: connectionOptions.address ?? defaultTemporalAddress,
      temporalNamespace: namespace ?? 'default',
      temporalConnection: new Secret(connectionOptions),
    };
  } catch (error) {
    return `Temporal's settings (TEMPORAL_* variables and its config file) can't be read: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
