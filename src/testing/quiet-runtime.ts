import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { IllegalStateError } from '@temporalio/common';

/** Keeps Temporal's runtime silent. A test may have installed its own before, and then that one stays. */
export function quietRuntime(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => {}),
      shutdownSignals: [],
      telemetryOptions: {
        logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
      },
    });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
}
