import type { ProcessSchema } from '../../src/config/process-schemas.ts';
import { settings, type SettingName } from '../../src/config/settings.ts';

/** The variables that a process reads. */
export function variablesOf({ required, optional }: ProcessSchema): { required: string[]; optional: string[] } {
  const variables = (names: readonly SettingName[]) => names.map((name) => settings[name].variable);
  return { required: variables(required), optional: variables(optional) };
}
