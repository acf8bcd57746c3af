// Decides an approval and dies by SIGKILL after the commit, before anything is delivered.
import { openReviewDatabase } from '../../src/review-server/store/database.ts';
import { decide } from '../../src/review-server/store/decisions.ts';
import { PASSWORD_COST } from '../../src/review-server/store/password.ts';

const [databaseUrl, id] = process.argv.slice(2);
const database = await openReviewDatabase(databaseUrl!, () => undefined);
await decide({ database, clock: () => new Date(), passwordCost: PASSWORD_COST, onChange: () => process.kill(process.pid, 'SIGKILL') }, id!, { decision: 'approve' }, 'ana');
