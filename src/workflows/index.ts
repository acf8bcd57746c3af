export { holdpointRun } from './run.ts';
