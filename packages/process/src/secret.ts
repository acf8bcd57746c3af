import { inspect } from 'node:util';
import { hideSecrets, textsOf } from './redact.ts';

/**
 * A value that logs, JSON and error messages show as `[secret]`, also inside other text. Call `reveal` at the place of
 * use.
 */
export class Secret<Value = string> {
  readonly #value: Value;

  constructor(value: Value) {
    this.#value = value;
    hideSecrets(textsOf(value));
  }

  reveal(): Value {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
