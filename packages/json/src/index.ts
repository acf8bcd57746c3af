export { isExactNumber, parseExactJson, stableJson } from './exact-json.ts';
export { isJsonObject, keysOfBoth, ownValue, type Json, type JsonObject } from './json.ts';
export { helpSchema, laxSchema, pageSchema, unnamedKeysLeftOut } from './lax-schema.ts';
export {
  decimalOf,
  InexactJson,
  jsonProblem,
  type JsonProblem,
  parseJson,
  plainJson,
  refuseDuplicates,
} from './parse-json.ts';
export { unknownOption } from './unknown-option.ts';
