import { registerHooks } from 'node:module';

/* Loaded before the guide's program. Resolves `@cheqpoint/sdk`, which is not on npm, to our client. */
registerHooks({
  resolve: (name, context, next) => next(name === '@cheqpoint/sdk' ? 'holdpoint/cheqpoint' : name, context),
});
