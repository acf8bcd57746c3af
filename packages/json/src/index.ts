export { isExactNumber, parseExactJson, stableJson } from './exact-json.ts';
export { isJsonObject, type Json, type JsonObject } from './json.ts';
export { unknownOption } from './unknown-option.ts';
