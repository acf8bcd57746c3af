import { registerHooks } from 'node:module';

/* Loaded before the guide's program: `@cheqpoint/sdk` is not on npm, so our client answers to its name. */
registerHooks({
  resolve: (name, context, next) => next(name === '@cheqpoint/sdk' ? 'holdpoint/cheqpoint' : name, context),
});
