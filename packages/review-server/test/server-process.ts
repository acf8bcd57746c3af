// A review server as a process of its own, to be killed: options as JSON in the first argument, its address on standard output.
import type { ReviewServerOptions } from '../src/options.ts';
import { createReviewServer } from '../src/create-review-server.ts';

const server = await createReviewServer(JSON.parse(process.argv[2]!) as ReviewServerOptions);
process.stdout.write(`${server.url}\n`);
