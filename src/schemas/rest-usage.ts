import type { UsageReport } from '@holdpoint/client';
import { z } from 'zod';
import { assistantName, callerName, timeOrNothing } from './rest.ts';
import { usageSchema } from './rest-run-record.ts';

/** The query of `GET /v1/usage`. */
export const readUsageSchema = z.object({
  by: z.enum(['run', 'assistant', 'caller', 'model']).default('assistant'),
  since: timeOrNothing,
  until: timeOrNothing,
  assistant: assistantName.optional(),
  caller: callerName.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const usageReportSchema = z
  .object({
    total: usageSchema,
    groups: z.array(z.object({ name: z.string().nullable(), usage: usageSchema })),
    moreGroups: z.number().int(),
  })
  .meta({ id: 'UsageReport' }) satisfies z.ZodType<UsageReport>;
