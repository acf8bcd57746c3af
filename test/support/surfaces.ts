import type { Assistant } from '../../src/index.ts';

/** One of the APIs that a model is reached by, with the little that a test has to know of it. */
export type Surface = {
  api: Assistant['api'];
  /** The path of the request that starts the model on a new message. `*` stands for any characters. */
  asking: string;
};

/** Both, for `describe.each`. */
export const surfaces: readonly Surface[] = [
  { api: 'responses', asking: '/v1/responses' },
  { api: 'assistants', asking: '/v1/threads/*/runs' },
];
