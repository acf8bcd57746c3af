import type { FailureType } from './failures.ts';

/** Thrown by a `ModelSurface`. `retryAfterMs`: the pause that the model provider asked for, in milliseconds. */
export class ModelFailure extends Error {
  override readonly name = 'ModelFailure';
  readonly type: Extract<FailureType, `Model${string}` | 'QuotaExhausted' | 'ConversationLost'>;
  readonly retryAfterMs: number | undefined;
  constructor(type: ModelFailure['type'], message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.type = type;
    this.retryAfterMs = options.retryAfterMs;
  }
}
