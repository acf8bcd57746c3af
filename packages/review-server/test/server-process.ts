// A review server in a separate process that a test kills. Options are JSON in the first argument. Prints its address.
import type { ReviewServerOptions } from '../src/options.ts';
import { createReviewServer } from '../src/create-review-server.ts';

const server = await createReviewServer(JSON.parse(process.argv[2]!) as ReviewServerOptions);
process.stdout.write(`${server.url}\n`);
