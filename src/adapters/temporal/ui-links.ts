import { runWorkflowType } from '../../domain/wire-names.ts';

/** Address of a run in Temporal's Web UI, on the tab that shows its state in words. `ui`: address of the UI. */
export function runInUi(ui: string, namespace: string, run: { workflowId: string; runId: string }): string {
  return `${workflowsOf(ui, namespace)}/${encodeURIComponent(run.workflowId)}/${run.runId}/user-metadata`;
}

/** Address of the list of all runs in Temporal's Web UI, without other Workflows such as Holdpoint's reconcile rounds. */
export function runsInUi(ui: string, namespace: string): string {
  return `${workflowsOf(ui, namespace)}?query=${encodeURIComponent(`WorkflowType="${runWorkflowType}"`)}`;
}

function workflowsOf(ui: string, namespace: string): string {
  return `${ui.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
}
