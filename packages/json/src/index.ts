export { isExactNumber, parseExactJson, stableJson } from './exact-json.ts';
export type { Json, JsonObject } from './json.ts';
