export { inTime, TookTooLong } from './in-time.ts';
export { jsonSchemaChecker, jsonSchemaParameters } from './json-schema.ts';
