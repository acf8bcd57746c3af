import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { isJsonObject, ownValue } from '@holdpoint/json';

/** Steps through references and unions: a schema may refer to itself. */
const mostSteps = 20;

/** The schema of a place in the arguments, to read the descriptions of its fields. Undefined where the schema says nothing. */
export class Described {
  readonly #root: WireObject;
  readonly #schema: WireObject;

  constructor(root: WireObject, schema: WireObject = root) {
    this.#root = root;
    this.#schema = schema;
  }

  get text(): string | undefined {
    const text = this.#candidates().find(({ description }) => typeof description === 'string')?.['description'];
    return typeof text === 'string' && text.trim() !== '' ? text : undefined;
  }

  /** The place of a property. */
  property(key: string): Described | undefined {
    for (const { properties } of this.#candidates()) {
      const found = isJsonObject(properties) ? ownValue(properties, key) : undefined;
      if (isJsonObject(found)) return new Described(this.#root, found);
    }
    return undefined;
  }

  /** The place of each entry of a list. */
  get entry(): Described | undefined {
    const items = this.#candidates().find((schema) => isJsonObject(schema['items']))?.['items'];
    return isJsonObject(items) ? new Described(this.#root, items) : undefined;
  }

  /** The schema with its references, and the branches of its unions. */
  #candidates(): WireObject[] {
    const found: WireObject[] = [];
    const open: unknown[] = [this.#schema];
    for (let steps = 0; open.length > 0 && steps < mostSteps; steps += 1) {
      const schema = open.shift();
      if (!isJsonObject(schema)) continue;
      found.push(schema);
      const { $ref, anyOf, oneOf, allOf } = schema as WireObject;
      if (typeof $ref === 'string') open.push(this.#target($ref));
      for (const branches of [anyOf, oneOf, allOf]) if (Array.isArray(branches)) open.push(...(branches as unknown[]));
    }
    return found;
  }

  #target(reference: string): unknown {
    if (reference === '#') return this.#root;
    if (!reference.startsWith('#/')) return undefined;
    let place: unknown = this.#root;
    for (const part of reference.slice(2).split('/'))
      place = isJsonObject(place) ? ownValue(place, part.replaceAll('~1', '/').replaceAll('~0', '~')) : undefined;
    return place;
  }
}
