import { mailTool } from './tools.ts';

/** A tool that records its effect at once and returns after `release()`. */
export function slowTool(effect: 'at-most-once' | 'idempotent') {
  const acted: string[] = [];
  const aborted: string[] = [];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { tool } = mailTool({
    name: `slow_${effect}`,
    effect,
    review: 'never',
    execute: async (_args, { idempotencyKey, signal }) => {
      acted.push(idempotencyKey);
      const { promise: stopped, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      stopped.catch(() => aborted.push(idempotencyKey));
      await Promise.race([released, stopped]);
      return 'real';
    },
  });
  return { tool, acted, aborted, release };
}
