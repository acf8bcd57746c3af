// Loaded into every thread of a worker process. The Workflow thread is Temporal's own, so this is how it is made to
// collect its garbage before memory is measured, and to say what it holds.
const { BroadcastChannel, isMainThread } = require('node:worker_threads');

const channel = new BroadcastChannel('collect garbage');
if (!isMainThread) {
  channel.addEventListener('message', ({ data }) => {
    if (data !== 'collect') return;
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel between threads, not a window
    channel.postMessage({ heldBytes: heapUsed + external });
  });
}
channel.unref();
