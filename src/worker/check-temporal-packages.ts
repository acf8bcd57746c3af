import { fileURLToPath } from 'node:url';
import { temporalPackagesProblem } from './temporal-packages.ts';

// The first import of each process and entry: two copies of some of Temporal's packages end the process as they load.
const problem = temporalPackagesProblem(fileURLToPath(import.meta.url));
if (problem !== undefined) throw new Error(problem);
