import { defineConfig, mergeConfig } from 'vitest/config';
import config from '../../vitest.config.ts';

const merged = mergeConfig(config, defineConfig({}));

/** As the repository's, without the build of the inbox before the tests. */
export default { ...merged, test: { ...merged.test, globalSetup: [] } };
