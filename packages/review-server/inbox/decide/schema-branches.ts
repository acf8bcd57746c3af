import { isJsonObject, ownValue } from '@holdpoint/json';
import { problemsBySchema } from './json-schema-validator.ts';

/** A JSON schema as plain JSON. */
export type FormSchema = { readonly [keyword: string]: unknown };

/** The control that a schema gets. `json`: the form has none, so the part is edited as JSON. */
export type Shape =
  'array' | 'boolean' | 'const' | 'enum' | 'integer' | 'json' | 'null' | 'number' | 'object' | 'string' | 'union';

/** References that lead to others stop here. */
const mostHops = 20;
const shapesByType = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);
/** Keywords that no control of the form can keep. */
const beyondForms = ['allOf', 'if', 'not', 'patternProperties', 'prefixItems', 'dependentSchemas', '$ref'];

/** Reads the parts of one schema: references, unions, and the branch of a value. */
export class SchemaBranches {
  readonly #root: FormSchema;

  constructor(root: FormSchema) {
    this.#root = root;
  }

  /** The schema with its reference replaced. A list of types becomes a union. */
  resolve(part: unknown): FormSchema {
    let schema = asSchema(part);
    for (let hops = 0; hops < mostHops; hops += 1) {
      const { $ref, allOf, ...beside } = schema;
      if (typeof $ref === 'string')
        schema = { ...this.#target($ref), ...(allOf === undefined ? {} : { allOf }), ...beside };
      else if (Array.isArray(allOf) && allOf.length === 1) schema = { ...asSchema(allOf[0]), ...beside };
      else break;
    }
    return withUnionOfTypes(schema);
  }

  shapeOf(schema: FormSchema): Shape {
    if (Object.hasOwn(schema, 'const')) return 'const';
    if (Array.isArray(schema['enum'])) return schema['enum'].length === 1 ? 'const' : 'enum';
    if (beyondForms.some((keyword) => Object.hasOwn(schema, keyword))) return 'json';
    const { type, properties, items } = schema;
    if (isJsonObject(properties) && (type === undefined || type === 'object')) return 'object';
    if (isUnion(schema)) return 'union';
    if (typeof type !== 'string' || !shapesByType.has(type) || type === 'object') return 'json';
    if (type === 'array') return isJsonObject(items) ? 'array' : 'json';
    return type as Shape;
  }

  /**
   * The branches of a union, those of inner unions as well, each once: a union may refer to itself. true and false are a
   * branch each.
   */
  optionsOf(schema: FormSchema, listed = new Set<unknown>()): FormSchema[] {
    const parts = (schema['anyOf'] ?? schema['oneOf']) as unknown[];
    if (listed.has(parts)) return [];
    listed.add(parts);
    return parts.flatMap((part) => {
      const option = this.resolve(part);
      const shape = this.shapeOf(option);
      if (shape === 'union') return this.optionsOf(option, listed);
      if (shape === 'boolean')
        return [
          { const: true, title: 'true' },
          { const: false, title: 'false' },
        ];
      return [option];
    });
  }

  /** The property that has another constant in each object of a union. */
  discriminatorOf(options: readonly FormSchema[]): string | undefined {
    const objects = options.filter((option) => this.shapeOf(option) === 'object');
    if (objects.length < 2) return undefined;
    return this.#constantsOf(objects[0]!)
      .map(([key]) => key)
      .find((key) => {
        const values = objects.map((option) => this.#constantsOf(option).find(([name]) => name === key)?.[1]);
        return (
          values.every((value) => value !== undefined) &&
          new Set(values.map((value) => JSON.stringify(value))).size === values.length
        );
      });
  }

  /** The index of the branch that the value belongs to, or -1. */
  branchOf(options: readonly FormSchema[], value: unknown): number {
    if (value === undefined) return -1;
    const fitting = options.flatMap((option, index) => (this.#fits(option, value) ? [index] : []));
    if (fitting.length === 0) return options.findIndex((option) => this.isKind(option, value));
    if (fitting.length === 1) return fitting[0]!;
    const valid = fitting.find((index) => problemsBySchema(this.#alone(options[index]!), value).length === 0);
    return valid ?? fitting.toSorted((a, b) => strangers(options[a]!, value) - strangers(options[b]!, value))[0]!;
  }

  /** True if the control of the schema can show the value. */
  isKind(schema: FormSchema, value: unknown): boolean {
    switch (this.shapeOf(schema)) {
      case 'const':
        return equals(constantOf(schema), value);
      case 'enum':
        return (schema['enum'] as unknown[]).some(
          (one) => typeof one === typeof value && (one === null) === (value === null),
        );
      case 'integer':
      case 'number':
        return typeof value === 'number';
      case 'array':
        return Array.isArray(value);
      case 'object':
        return isJsonObject(value);
      case 'null':
        return value === null;
      case 'json':
      case 'union':
        return true;
      default:
        return typeof value === this.shapeOf(schema);
    }
  }

  /** True if the value has the branch's constant under this key. */
  hasConstant(option: FormSchema, key: string, value: unknown): boolean {
    return this.#constantsOf(option).some(([name, constant]) => name === key && equals(ownValue(value, key), constant));
  }

  /** The words for a branch. */
  titleOf(option: FormSchema, discriminator: string | undefined): string {
    if (typeof option['title'] === 'string' && option['title'] !== '') return option['title'];
    const shape = this.shapeOf(option);
    if (shape === 'const') return constantTitle(constantOf(option));
    const [, constant] = this.#constantsOf(option).find(([key]) => key === discriminator) ?? [];
    if (constant !== undefined) return constantTitle(constant);
    return shapeNames[shape];
  }

  /**
   * The smallest value of a schema, with its required keys. Undefined where the reviewer has to enter or choose the
   * value: no number is invented.
   */
  blankOf(part: unknown, hops = 0): unknown {
    const schema = this.resolve(part);
    switch (this.shapeOf(schema)) {
      case 'const':
        return constantOf(schema);
      case 'union':
        return this.optionsOf(schema).some((option) => this.shapeOf(option) === 'null') ? null : undefined;
      case 'object': {
        if (hops > mostHops) return undefined;
        const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
        return Object.fromEntries(
          required
            .map((key): [string, unknown] => [key, this.blankOf(ownValue(schema['properties'], key), hops + 1)])
            .filter(([, value]) => value !== undefined),
        );
      }
      case 'array':
        return [];
      case 'boolean':
        return false;
      case 'null':
        return null;
      case 'string':
        return '';
      default:
        return undefined;
    }
  }

  /** The schema with each union replaced by the branch of the value, so that only this branch reports problems. */
  chosenFor(value: unknown): FormSchema {
    return { ...this.#definitions(), ...this.#chosen(this.#root, value) };
  }

  /** The keys of the object at the path, in the order of its schema. */
  keysAt(path: readonly (string | number)[], value: unknown): string[] {
    let schema: unknown = this.#chosen(this.#root, value);
    for (const key of path)
      schema = ownValue(ownValue(schema, typeof key === 'number' ? 'prefixItems' : 'properties'), String(key));
    return Object.keys(asSchema(ownValue(schema, 'properties')));
  }

  #chosen(part: unknown, value: unknown): FormSchema {
    const schema = this.resolve(part);
    const { properties, items, ...others } = schema;
    const shape = this.shapeOf(schema);
    if (shape === 'union') {
      const options = this.optionsOf(schema);
      const branch = this.branchOf(options, value);
      return branch === -1 ? schema : this.#chosen(options[branch], value);
    }
    if (shape === 'object' && isJsonObject(value) && isJsonObject(properties))
      return {
        ...schema,
        properties: Object.fromEntries(
          Object.entries(properties).map(([key, inner]) => [
            key,
            Object.hasOwn(value, key) ? this.#chosen(inner, value[key]) : inner,
          ]),
        ),
      };
    if (shape === 'array' && Array.isArray(value))
      return { ...others, prefixItems: value.map((each) => this.#chosen(items, each)) };
    return schema;
  }

  #fits(option: FormSchema, value: unknown): boolean {
    if (this.shapeOf(option) === 'enum') return (option['enum'] as unknown[]).some((one) => equals(one, value));
    return (
      this.isKind(option, value) &&
      this.#constantsOf(option).every(([key, constant]) => equals(ownValue(value, key), constant))
    );
  }

  #constantsOf(option: FormSchema): [string, unknown][] {
    if (this.shapeOf(option) !== 'object') return [];
    return Object.entries(option['properties'] as FormSchema).flatMap(([key, part]): [string, unknown][] => {
      const property = this.resolve(part);
      return this.shapeOf(property) === 'const' ? [[key, constantOf(property)]] : [];
    });
  }

  #alone(option: FormSchema): FormSchema {
    return { ...this.#definitions(), ...option };
  }

  #definitions(): FormSchema {
    const { $defs, definitions } = this.#root;
    return { ...($defs === undefined ? {} : { $defs }), ...(definitions === undefined ? {} : { definitions }) };
  }

  #target(ref: string): FormSchema {
    if (!ref.startsWith('#')) return {};
    let target: unknown = this.#root;
    for (const key of ref.slice(1).split('/').slice(1))
      target = ownValue(target, decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
    return asSchema(target);
  }
}

const shapeNames: Readonly<Record<Shape, string>> = {
  array: 'list',
  boolean: 'true or false',
  const: 'value',
  enum: 'one of a list',
  integer: 'whole number',
  json: 'JSON',
  null: 'no value',
  number: 'number',
  object: 'object',
  string: 'text',
  union: 'value',
};

/** The only value of a schema. */
export function constantOf(schema: FormSchema): unknown {
  return Object.hasOwn(schema, 'const') ? schema['const'] : (schema['enum'] as unknown[])[0];
}

/** The words for a value in a select. */
export function constantTitle(value: unknown): string {
  if (value === null) return shapeNames.null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** True if both are the same JSON. */
export function equals(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function asSchema(part: unknown): FormSchema {
  return isJsonObject(part) ? part : {};
}

function isUnion({ anyOf, oneOf }: FormSchema): boolean {
  return (Array.isArray(anyOf) && oneOf === undefined) || (Array.isArray(oneOf) && anyOf === undefined);
}

/** `type: ['string', 'null']` as `anyOf`. Beside `enum` the list of types says nothing more. */
function withUnionOfTypes(schema: FormSchema): FormSchema {
  const { type, title, description, ...others } = schema;
  if (!Array.isArray(type) || isUnion(schema) || Object.hasOwn(schema, 'enum') || Object.hasOwn(schema, 'const'))
    return schema;
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    anyOf: type.map((one: unknown) => (one === 'null' ? { type: one } : { ...others, type: one })),
  };
}

/** The number of keys that the branch does not have, and of keys that the value lacks. */
function strangers({ properties, required }: FormSchema, value: unknown): number {
  const keys = isJsonObject(value) ? Object.keys(value) : [];
  const missing = Array.isArray(required) ? required.filter((key) => !keys.includes(String(key))) : [];
  return missing.length + keys.filter((key) => ownValue(properties, key) === undefined).length;
}
