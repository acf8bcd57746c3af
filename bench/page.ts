import { writePage } from './report/write-page.ts';

/* Rewrites docs/benchmarks.md from the saved reports, after a change of tables or pictures. */
process.stdout.write(`${writePage().join('\n')}\n`);
