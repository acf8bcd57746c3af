import { writePage } from './report/write-page.ts';

/* Makes docs/benchmarks.md anew from the reports that are kept: after a change of the tables or pictures. */
process.stdout.write(`${writePage().join('\n')}\n`);
