import { ModelFailure } from '../../domain/model-failure.ts';

/** @throws ModelFailure `ModelAccessDenied` for a key that can't be sent. */
export function checkKey(apiKey: string): void {
  if (apiKey === '')
    throw new ModelFailure(
      'ModelAccessDenied',
      'OPENAI_API_KEY is not set. Set it, restart the worker, then retry the run.',
    );
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw new ModelFailure(
      'ModelAccessDenied',
      'OPENAI_API_KEY contains a space, a line break or another character that keys never contain. Set it again, restart the worker, then retry the run.',
    );
}
