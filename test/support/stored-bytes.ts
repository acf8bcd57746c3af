import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
const { DescribeWorkflowExecutionResponse, ListWorkflowExecutionsResponse } = proto.temporal.api.workflowservice.v1;

/** All that Temporal's server tells of a run, as it sends it: history, description, list entry. */
export async function storedBytes({ workflow, workflowService, options: { namespace } }: Client, workflowId: string) {
  // It decodes nothing.
  const history = await workflow.getHandle(workflowId).fetchHistory();
  const described = await workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
  const listed = await workflowService.listWorkflowExecutions({ namespace, query: `WorkflowId = '${workflowId}'` });
  return Buffer.concat([
    History.encode(history).finish(),
    DescribeWorkflowExecutionResponse.encode(described).finish(),
    ListWorkflowExecutionsResponse.encode(listed).finish(),
  ]).toString('latin1');
}
