import { useState } from 'react';
import type { ApprovalSummary } from '../../../../schemas/reviewer-api.ts';
import { Button } from '../ui/button.tsx';
import { counted } from '../wording.ts';
import { BatchDialog } from './batch-dialog.tsx';

/** How many are selected, and the way to decide on them together. */
export function BatchBar({ approvals, onClear }: { approvals: readonly ApprovalSummary[]; onClear: () => void }) {
  // What the dialog began with: decided ones leave the list while their results are still read.
  const [batch, setBatch] = useState<readonly ApprovalSummary[]>();
  return (
    <div className="batch-bar" role="region" aria-label="Selection">
      <span role="status">{counted(approvals.length, 'approval')} selected</span>
      <Button look="quiet" size="small" onPress={onClear}>Clear</Button>
      <Button look="primary" size="small" onPress={() => setBatch(approvals)}>Look at them and decide …</Button>
      {batch !== undefined && <BatchDialog approvals={batch} onClose={() => setBatch(undefined)} />}
    </div>
  );
}
