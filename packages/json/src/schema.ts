export { inTime, TookTooLong } from './in-time.ts';
export { jsonSchemaChecker, jsonSchemaParameters, type Misfit } from './json-schema.ts';
