// Executes a due step and dies by SIGKILL before the commit, or after it.
import { executeStep } from '../src/store/execute-step.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import { passwordCost } from '../src/store/password.ts';
import { countingStep } from './counting-step.ts';

const [databaseUrl, id, approvalId, when, shiftMs] = process.argv.slice(2);
const database = await openReviewDatabase(databaseUrl!, () => undefined);
const die = () => void process.kill(process.pid, 'SIGKILL');
await executeStep(
  { database, clock: () => new Date(Date.now() + Number(shiftMs)), passwordCost, onChange: () => undefined },
  {
    count: async (due) => {
      const result = await countingStep(due);
      if (when === 'before') die();
      return result;
    },
  },
  { id: id!, approval_id: approvalId! },
);
die();
