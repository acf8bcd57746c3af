const brandKey = Symbol.for('holdpoint.brand');

/** Marks the results of `defineTool`, `defineAssistant` and `defineConfig`, and the tool errors, across copies of the package. */
export type Brand = 'tool' | 'assistant' | 'config' | 'tool-failed' | 'not-executed';

/** Marks an object as made by Holdpoint, and freezes it. The mark is invisible in JSON and when printed. */
export function branded<T extends object>(brand: Brand, value: T): Readonly<T> {
  return Object.freeze(mark(brand, value));
}

/** Marks an object without freezing it. */
export function mark<T extends object>(brand: Brand, value: T): T {
  return Object.defineProperty(value, brandKey, { value: brand });
}

/** True for an object with this mark, of any copy of the package. */
export function hasBrand(brand: Brand, value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brandKey] === brand;
}
