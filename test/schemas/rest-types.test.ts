import type * as client from '@holdpoint/client';
import { expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import type { ApprovalDecision as DomainApprovalDecision } from '../../src/domain/standalone-approval.ts';
import type { askApprovalSchema } from '../../src/schemas/rest-approvals.ts';
import type { runRecordSchema } from '../../src/schemas/rest-run-record.ts';
import type { restErrorSchema, restErrors } from '../../src/schemas/rest-error.ts';
import type * as rest from '../../src/schemas/rest.ts';

// The assertions hold at compile time: `npm run types` fails when the client's types and the schemas differ.
it('REST types: the gateway takes exactly the requests of the client types', () => {
  expectTypeOf<client.CreateRun>().toEqualTypeOf<z.input<typeof rest.createRunSchema>>();
  expectTypeOf<client.AskApproval>().toEqualTypeOf<z.input<typeof askApprovalSchema>>();
  expectTypeOf<client.MessageOptions & { text: string }>().branded.toEqualTypeOf<
    z.input<typeof rest.sendMessageSchema>
  >();
  expectTypeOf<keyof client.ListRuns>().toEqualTypeOf<keyof z.input<typeof rest.listRunsSchema>>();
  expectTypeOf<Omit<client.ListRuns, 'limit'>>().branded.toEqualTypeOf<
    Omit<z.input<typeof rest.listRunsSchema>, 'limit'>
  >();
});

it('REST types: the gateway gives exactly the answers of the client types', () => {
  expectTypeOf<client.RunSummary>().toEqualTypeOf<z.output<typeof rest.runSummarySchema>>();
  expectTypeOf<client.Call>().branded.toEqualTypeOf<z.output<typeof rest.callSchema>>();
  expectTypeOf<client.Run>().branded.toEqualTypeOf<z.output<typeof rest.runSchema>>();
  expectTypeOf<client.RunRecord>().branded.toEqualTypeOf<z.output<typeof runRecordSchema>>();
  expectTypeOf<client.RunList>().toEqualTypeOf<z.output<typeof rest.runListSchema>>();
  expectTypeOf<client.Approval>().branded.toEqualTypeOf<z.output<typeof rest.approvalSchema>>();
  expectTypeOf<client.ApprovalList>().branded.toEqualTypeOf<z.output<typeof rest.approvalListSchema>>();
  expectTypeOf<client.ApprovalDecision>().toEqualTypeOf<DomainApprovalDecision>();
  expectTypeOf<client.GatewayErrorCode>().toEqualTypeOf<keyof typeof restErrors>();
  expectTypeOf<client.GatewayErrorCode>().toEqualTypeOf<z.output<typeof restErrorSchema>['error']['code']>();
});
