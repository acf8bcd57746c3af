import type { Json, JsonObject } from '@holdpoint/json';
import { digestOf } from '@holdpoint/json/canonical';
import type { Tool } from './tool.ts';

/**
 * SHA-256 (hex) over the part of a tool that an approval covers. Descriptions and the order of properties are left out,
 * so they may change while a call waits.
 */
export function definitionDigest(tool: {
  name: string;
  schema: JsonObject;
  effect: Tool['effect'];
  executes: boolean;
  version: string | undefined;
}): string {
  return digestOf({
    name: tool.name,
    schema: withoutWords(tool.schema),
    // The first release's word: a digest must not change while an approval waits.
    effect: tool.effect === 'at-most-once' ? 'once' : tool.effect,
    executes: tool.executes,
    // Without a version the digest is the one of earlier releases.
    ...(tool.version !== undefined && { version: tool.version }),
  });
}

function withoutWords(schema: JsonObject): JsonObject {
  const named = (schemas: Json) =>
    Object.fromEntries(
      Object.entries(schemas as { [name: string]: JsonObject }).map(([name, one]) => [name, withoutWords(one)]),
    );
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'description' || keyword === 'title') continue;
    if (keyword === 'properties' || keyword === '$defs' || keyword === 'definitions') result[keyword] = named(value);
    else if (keyword === 'items') result[keyword] = withoutWords(value as JsonObject);
    else if (keyword === 'anyOf') result[keyword] = (value as JsonObject[]).map(withoutWords);
    else if (keyword === 'required') result[keyword] = [...(value as string[])].sort();
    else result[keyword] = value;
  }
  return result;
}
