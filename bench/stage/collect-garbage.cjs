// Loaded into every thread of a worker process. The Workflow thread is Temporal's own, so this is how it is made to
// collect its garbage before memory is measured.
const { BroadcastChannel, isMainThread } = require('node:worker_threads');

const channel = new BroadcastChannel('collect garbage');
if (!isMainThread) channel.addEventListener('message', () => globalThis.gc());
channel.unref();
