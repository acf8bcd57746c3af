import { DefaultLogger, Runtime } from '@temporalio/worker';

// Once a process, before any worker: the tests' own words should be readable.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
