import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
const { DescribeWorkflowExecutionResponse, ListWorkflowExecutionsResponse } = proto.temporal.api.workflowservice.v1;

/** All that Temporal's server tells of a run, as it sends it: history, description, list entry. */
export async function storedBytes({ workflowService, options: { namespace } }: Client, workflowId: string) {
  const execution = { workflowId };
  const parts: Uint8Array[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await workflowService.getWorkflowExecutionHistory({
      namespace,
      execution,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    parts.push(History.encode(page.history ?? {}).finish());
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
  const described = await workflowService.describeWorkflowExecution({ namespace, execution });
  const listed = await workflowService.listWorkflowExecutions({ namespace, query: `WorkflowId = '${workflowId}'` });
  return Buffer.concat([
    ...parts,
    DescribeWorkflowExecutionResponse.encode(described).finish(),
    ListWorkflowExecutionsResponse.encode(listed).finish(),
  ]).toString('latin1');
}
