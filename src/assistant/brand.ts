const brandKey = Symbol.for('holdpoint.brand');

/** What `defineTool`, `defineAssistant`, `defineConfig` and the tool errors are recognised by, across copies of the package. */
export type Brand = 'tool' | 'assistant' | 'config' | 'tool-failed' | 'not-executed';

/** Marks an object as made by Holdpoint, and freezes it. The mark does not show in JSON or when printed. */
export function branded<T extends object>(brand: Brand, value: T): Readonly<T> {
  return Object.freeze(mark(brand, value));
}

/** Marks an object without freezing it. */
export function mark<T extends object>(brand: Brand, value: T): T {
  return Object.defineProperty(value, brandKey, { value: brand });
}

/** True for an object that `branded` or `mark` marked so, in this copy of the package or another. */
export function hasBrand(brand: Brand, value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brandKey] === brand;
}
