import type { ApprovalList } from '../src/contract/reviewer-api.ts';
import { eventually } from './eventually.ts';
import type { TestServer } from './test-server.ts';

/** Id of the open request with this summary, once it is there. */
export function requestedAt(server: TestServer, summary: string): Promise<string> {
  return eventually(
    `the request "${summary}"`,
    async () =>
      (
        await server.get<ApprovalList>(
          `/reviewer-api/approvals?status=pending&q=${encodeURIComponent(summary)}`,
          await server.bearer(),
        )
      ).body.approvals.find((approval) => approval.summary === summary)?.id,
  );
}
