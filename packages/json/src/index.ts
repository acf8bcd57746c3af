export { isExactNumber, parseExactJson, stableJson } from './exact-json.ts';
export { isJsonObject, type Json, type JsonObject } from './json.ts';
export { decimalOf, InexactJson, jsonProblem, type JsonProblem, parseJson, plainJson } from './parse-json.ts';
export { unknownOption } from './unknown-option.ts';
