import { createClient } from 'holdpoint/client';

const [, , id, input = 'Tell all customers about the downtime.'] = process.argv;
const holdpoint = createClient({
  url: process.env['HOLDPOINT_GATEWAY_URL'] ?? 'http://127.0.0.1:7341',
  apiKey: process.env['HOLDPOINT_API_KEY'] ?? '',
});

// With an id, a second start finds the existing run.
const run = await holdpoint.runs.create({ assistant: 'comms', input, ...(id === undefined ? {} : { id }) });
console.log(await run.result());
