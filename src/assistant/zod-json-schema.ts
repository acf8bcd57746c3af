import { z } from 'zod';
import type { JsonObject } from '@holdpoint/json';

/** A zod 4 object schema of any copy of zod: the `parameters` of `defineTool`. */
export type ObjectSchema = {
  readonly _zod: { readonly def: { readonly type: 'object' }; readonly input: unknown; readonly output: unknown };
};

/** Marks a type that JSON does not have, so that a problem can name its path. */
export const notJson = 'x-not-json';

const typesJsonLacks = new Set([
  'bigint',
  'date',
  'map',
  'set',
  'symbol',
  'undefined',
  'void',
  'nan',
  'function',
  'promise',
  'custom',
  'transform',
  'pipe',
  'file',
]);

type ZodNode = {
  _zod: {
    def: {
      type: string;
      values?: unknown[];
      pattern?: RegExp;
      checks?: Array<{ _zod: { def: { pattern?: RegExp } } }>;
    };
    /** Copies of zod before 4.6 have the patterns here. */
    bag?: { patterns?: Iterable<RegExp> };
  };
};

/**
 * The JSON schema of a zod schema's input. The schema's own copy of zod writes it, since the user's project may have
 * another copy. Types that JSON does not have are marked with `notJson`.
 */
export function zodJsonSchema(schema: ObjectSchema): JsonObject {
  const libraryOptions = {
    unrepresentable: 'any' as const,
    override: ({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: object }) => {
      const lacks = typeLacking((zodSchema as ZodNode)._zod.def);
      if (lacks !== undefined) Object.assign(jsonSchema, { [notJson]: lacks });
      withoutFlags((zodSchema as ZodNode)._zod, jsonSchema);
    },
  };
  const own = (schema as unknown as StandardJsonSchema)['~standard']?.jsonSchema;
  const written = own
    ? own.input({ target: 'draft-2020-12', libraryOptions })
    : z.toJSONSchema(schema as unknown as z.ZodType, { io: 'input', ...libraryOptions });
  return JSON.parse(JSON.stringify(written)) as JsonObject;
}

/**
 * Puts a pattern with the flag `i`, `m` or `s` into the description. JSON schema has no flags, so the pattern would
 * refuse values that zod accepts.
 */
function withoutFlags(
  { def, bag }: ZodNode['_zod'],
  schema: { pattern?: string; allOf?: Array<{ pattern?: string }>; format?: string; description?: string },
): void {
  const ofChecks = def.checks?.map((check) => check._zod.def.pattern) ?? [];
  const flagged = [...new Set([def.pattern, ...ofChecks, ...(bag?.patterns ?? [])])].filter(
    (pattern) => pattern instanceof RegExp && /[ims]/.test(pattern.flags),
  ) as RegExp[];
  if (flagged.length === 0) return;
  const isFlagged = (pattern: string | undefined) => flagged.some(({ source }) => source === pattern);
  if (isFlagged(schema.pattern)) delete schema.pattern;
  const others = schema.allOf?.filter(({ pattern }) => !isFlagged(pattern));
  if (others?.length === 0) delete schema.allOf;
  else if (others) schema.allOf = others;
  if (schema.format !== undefined) return;
  const words = flagged.map(String).map((pattern) => `Must match the regular expression ${pattern}`);
  const present = schema.description ?? '';
  schema.description = [present, ...words.filter((each) => !present.endsWith(each))].filter(Boolean).join(' ');
}

type StandardJsonSchema = { '~standard'?: { jsonSchema?: { input(options: object): object } } };

function typeLacking(def: ZodNode['_zod']['def']): string | undefined {
  if (typesJsonLacks.has(def.type)) return def.type;
  if (def.type === 'literal')
    return def.values?.map((value) => typeof value).find((type) => type === 'bigint' || type === 'undefined');
  return undefined;
}
