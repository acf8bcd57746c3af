import { z } from 'zod';
import { defineTool, type Tool } from '../../src/index.ts';
import type { AskingTool, ExecutingTool } from '../../src/index.ts';

/** One execution of a recording tool. */
export type Ran = { args: Record<string, unknown>; idempotencyKey: string; attempt: number };

export const mailParameters = z.object({ to: z.string(), count: z.number().int().positive() });

type Definition = ExecutingTool<typeof mailParameters>;

/** A tool that records mail instead of sending it. Reviewed above 10 recipients by default. */
export function mailTool(more: Partial<Definition> & { name?: string } = {}): { tool: Tool; ran: Ran[] } {
  const ran: Ran[] = [];
  const tool = defineTool({
    name: 'send_mail',
    description: 'Sends mail.',
    parameters: mailParameters,
    effect: 'idempotent',
    review: { when: ({ count }) => count > 10 },
    execute: (args, { idempotencyKey, attempt }) => {
      ran.push({ args, idempotencyKey, attempt });
      return { sent: args.count };
    },
    ...more,
  });
  return { tool, ran };
}

/** A tool of the guide's form: nothing to execute here, always reviewed. */
export function askingTool(more: Partial<AskingTool<typeof mailParameters>> = {}): Tool {
  return defineTool({ name: 'send_mail', description: 'Sends mail.', parameters: mailParameters, ...more });
}
