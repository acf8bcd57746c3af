import { closestName } from '../schemas/closest-name.ts';
import type { GatewayLog } from './ports.ts';
import { RestFailure } from './rest-failure.ts';

/** Names of the assistants that the workers have. Undefined if that is not known now. */
export type KnownAssistants = () => Promise<readonly string[] | undefined>;

/**
 * Refuses an assistant that no worker has. Accepts every name while the assistants are not known: then the worker
 * decides. `exists`: whether an earlier request made this run, which a repeated request finds.
 * @throws RestFailure `unknown-assistant`.
 */
export type CheckAssistant = (
  assistant: string,
  options: {
    path: 'body.assistant' | 'body.continueFrom';
    exists: () => Promise<boolean>;
    /** The names of the list that the error may show. */
    startable: (names: readonly string[]) => string[];
  },
) => Promise<void>;

export function createAssistantCheck(known: KnownAssistants | undefined, log: GatewayLog): CheckAssistant {
  return async (assistant, { path, exists, startable }) => {
    const names = await known?.().catch((error: unknown) => {
      log.warn({ err: error }, 'The assistants of the workers could not be read. The run is started unchecked.');
      return undefined;
    });
    if (!names || names.includes(assistant) || (await exists())) return;
    const shown = startable(names);
    const closest = closestName(assistant, shown);
    throw new RestFailure(
      'unknown-assistant',
      `No running worker has an assistant "${assistant}".${closest === undefined ? '' : ` Did you mean "${closest}"?`} The workers have: ${shown.join(', ') || 'none that you may start'}.`,
      path,
    );
  };
}
