import { Context } from '@temporalio/activity';

/** How often an Activity that may take long says that it lives; also how soon it hears of a cancellation. */
const heartbeatIntervalMs = 2_000;

/** Runs `work` with heartbeats, each carrying what `details` says at the time. */
export async function withHeartbeats<T>(work: () => Promise<T>, details: () => unknown = () => undefined): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details()), heartbeatIntervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
