import type { Json, JsonObject } from '@holdpoint/json';

/* OpenAI's limits for a strict schema: structured-outputs guide, "Limitations on the size". */
const mostProperties = 5000;
const deepestNesting = 10;
const mostCharactersOfNames = 120_000;
const mostEnumValues = 1000;
const largeEnum = { values: 250, characters: 15_000 };

/** The size limit of OpenAI that a strict schema exceeds, as a sentence. Undefined if it exceeds none. */
export function strictLimitProblem(schema: JsonObject): string | undefined {
  const total = { properties: 0, characters: 0, enumValues: 0, depth: 0, largestEnum: 0 };
  count(schema, 1, total);
  if (total.depth > deepestNesting)
    return `objects are nested ${total.depth} deep, and OpenAI takes ${deepestNesting} levels; flatten them`;
  if (total.properties > mostProperties)
    return `there are ${total.properties} properties, and OpenAI takes ${mostProperties}; split the tool`;
  if (total.enumValues > mostEnumValues)
    return `there are ${total.enumValues} enum values, and OpenAI takes ${mostEnumValues}; use z.string() and check it in execute`;
  if (total.largestEnum > largeEnum.characters)
    return `an enum of more than ${largeEnum.values} values has ${total.largestEnum} characters, and OpenAI takes ${largeEnum.characters}; use shorter values`;
  if (total.characters > mostCharactersOfNames)
    return `names and enum values have ${total.characters} characters, and OpenAI takes ${mostCharactersOfNames}; shorten them`;
  return undefined;
}

type Total = { properties: number; characters: number; enumValues: number; depth: number; largestEnum: number };

function count(schema: JsonObject, depth: number, total: Total): void {
  const values = (schema['enum'] ?? []) as Json[];
  const characters = values.reduce<number>((sum, value) => sum + written(value), 0);
  total.enumValues += values.length;
  total.characters += characters + (schema['const'] === undefined ? 0 : written(schema['const']));
  if (values.length > largeEnum.values) total.largestEnum = Math.max(total.largestEnum, characters);
  if (schema['properties']) total.depth = Math.max(total.depth, depth);
  for (const [name, property] of Object.entries((schema['properties'] ?? {}) as { [name: string]: JsonObject })) {
    total.properties += 1;
    total.characters += name.length;
    count(property, depth + 1, total);
  }
  for (const [name, definition] of Object.entries(
    (schema['$defs'] ?? schema['definitions'] ?? {}) as { [name: string]: JsonObject },
  )) {
    total.characters += name.length;
    count(definition, depth, total);
  }
  if (schema['items']) count(schema['items'] as JsonObject, depth, total);
  for (const alternative of (schema['anyOf'] ?? []) as JsonObject[]) count(alternative, depth, total);
}

function written(value: Json): number {
  return typeof value === 'string' ? value.length : JSON.stringify(value).length;
}
