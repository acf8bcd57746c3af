import { defineConfig, mergeConfig } from 'vitest/config';
import config from '../../vitest.config.ts';

const merged = mergeConfig(config, defineConfig({ test: { experimental: { fsModuleCache: true } } }));

/** As the repository's, without the build of the inbox before the tests, and with transformed files kept between runs. */
export default { ...merged, test: { ...merged.test, globalSetup: [] } };
