import { resolve } from 'node:path';
import { probeModel, type Oddity, type Probe } from '../adapters/openai/probe-model.ts';
import type { Assistant } from '../assistant/assistant.ts';
import { ConfigError } from '../config/config-error.ts';
import { processEnvironment } from '../config/environment.ts';
import { loadUserConfig } from '../config/load-user-config.ts';
import { modelProbeSchema } from '../config/process-schemas.ts';
import { readConfig } from '../config/read-config.ts';
import type { Check } from './doctor-checks.ts';

/**
 * `holdpoint doctor --model`: tries the models of the config, one after the other, and says which settings each needs.
 * @param name The one assistant to try; all of them without it.
 */
export async function checkModels(configFile: string | undefined, name: string | undefined): Promise<Check[]> {
  try {
    const config = readConfig(processEnvironment(), modelProbeSchema);
    const { config: userConfig } = await loadUserConfig(resolve(configFile ?? config.configFile));
    const assistants = userConfig.assistants.filter((assistant) => name === undefined || assistant.name === name);
    if (assistants.length === 0)
      return [problem(`There is no assistant "${name}" in the config.`, known(userConfig.assistants))];
    const checks: Check[] = [];
    for (const assistant of assistants) {
      const probe = await probeModel(assistant, {
        apiKey: config.openaiApiKey.reveal(),
        baseURL: config.openaiBaseUrl,
        timeoutMs: 60_000,
      });
      checks.push(checkOf(assistant, probe));
    }
    return checks;
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map((each) => problem(each, 'docs/configuration.md says what each variable is for.'));
    return [problem((error as Error).message, 'Mend it, then try again.')];
  }
}

/** One assistant's row: what was found, and the settings to write. */
export function checkOf({ name, model, api }: Pick<Assistant, 'name' | 'model' | 'api'>, probe: Probe): Check {
  const { oddities } = probe;
  const what = oddities.map(({ found }) => found).join('; ');
  const settings = settingsOf(name, oddities);
  if (!probe.ok)
    return {
      name,
      state: 'failed',
      found: what === '' ? probe.failure : `${what}; ${probe.failure}`,
      todo: settings ?? 'The failure names the change. docs/model-servers.md lists the differences of servers.',
    };
  const went = probe.called ? 'a tool call and its output' : 'two turns';
  const plain = `${model ?? 'the model'} by api: '${api}': ${went} went through`;
  return { name, state: 'ok', found: what === '' ? plain : `${plain}; ${what}`, ...(settings && { todo: settings }) };
}

function settingsOf(name: string, oddities: readonly Oddity[]): string | undefined {
  const settings = [...new Set(oddities.flatMap(({ setting }) => setting ?? []))];
  return settings.length === 0
    ? undefined
    : `Write in defineAssistant({ name: '${name}', … }): ${settings.join(', ')}.`;
}

function problem(found: string, todo: string): Check {
  return { name: 'Model', state: 'failed', found, todo };
}

function known(assistants: readonly Assistant[]): string {
  return `It has: ${assistants.map(({ name }) => name).join(', ')}.`;
}
