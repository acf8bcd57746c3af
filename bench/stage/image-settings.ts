import type { Environment } from '../../src/config/environment.ts';

/** The memory settings of the image (Dockerfile), which all processes of the benchmark have, the floor's too. */
export const imageSettings = { MALLOC_ARENA_MAX: '2', nodeFlags: ['--max-semi-space-size=16'] } as const;

/** An environment with them. Flags of the caller come after ours, so they win. */
export function withImageSettings(environment: Record<string, string>, { NODE_OPTIONS }: Environment) {
  const { MALLOC_ARENA_MAX, nodeFlags } = imageSettings;
  return { MALLOC_ARENA_MAX, ...environment, NODE_OPTIONS: [...nodeFlags, NODE_OPTIONS ?? ''].join(' ').trim() };
}
