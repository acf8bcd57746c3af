import { RestFailure } from './rest-failure.ts';

/** @throws RestFailure `unknown-assistant` when the gateway knows the config and the config lacks the assistant. */
export function checkAssistant(assistant: string, known: readonly string[] | undefined): void {
  if (known && !known.includes(assistant))
    throw new RestFailure(
      'unknown-assistant',
      `There is no assistant "${assistant}". The config has: ${known.join(', ')}.`,
      'body.assistant',
    );
}
