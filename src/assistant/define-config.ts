import { defaultTaskQueue } from '../domain/wire-names.ts';
import type { Assistant, HoldpointConfig } from './assistant.ts';
import { branded, hasBrand } from './brand.ts';
import { checkPrices, type ModelPriceDefinition } from './check-prices.ts';
import { checkOptions, checkText, refuse } from './invalid-definition.ts';

/** The options of `defineConfig`. */
export type ConfigDefinition = {
  /** At least one assistant made by `defineAssistant`, with different names. */
  assistants: readonly Assistant[];
  /**
   * The Temporal Task Queue of the worker.
   * @default 'holdpoint'
   */
  taskQueue?: string;
  /** Prices by model, for a million tokens in `currency`. A turn of another model has no cost. @default no costs */
  prices?: { [model: string]: ModelPriceDefinition };
  /** The currency of `prices`, such as `'USD'`. */
  currency?: string;
};

const owner = 'defineConfig';

/**
 * Defines the default export of `holdpoint.config.ts`.
 * @example
 * export default defineConfig({ assistants: [support] });
 * @throws InvalidDefinition for an invalid option. The message says what to write instead.
 */
export function defineConfig(input: ConfigDefinition): HoldpointConfig {
  checkOptions(owner, 'the definition', input, ['assistants', 'taskQueue', 'prices', 'currency']);
  if (!Array.isArray(input.assistants) || input.assistants.length === 0)
    refuse(owner, 'assistants must be an array with at least one assistant made by defineAssistant.');
  const names = new Set<string>();
  for (const [position, assistant] of (input.assistants as readonly Assistant[]).entries()) {
    if (!hasBrand('assistant', assistant))
      refuse(owner, `assistants[${position}] was not made by defineAssistant. Wrap it: defineAssistant({ … }).`);
    if (names.has(assistant.name))
      refuse(owner, `assistants has two assistants named "${assistant.name}". Rename one.`);
    names.add(assistant.name);
  }
  if (input.taskQueue !== undefined) checkText(owner, 'taskQueue', input.taskQueue);
  const prices = checkPrices(input.prices, input.currency);
  return branded('config', {
    assistants: Object.freeze([...input.assistants]),
    taskQueue: input.taskQueue ?? defaultTaskQueue,
    ...(prices && { prices }),
  } satisfies HoldpointConfig);
}

/** True for a result of `defineConfig`, of any copy of the package. */
export function isHoldpointConfig(value: unknown): value is HoldpointConfig {
  return hasBrand('config', value);
}
