export { createReviewServer, type ReviewServer } from './create-review-server.ts';
export type { ReviewServerOptions } from './options.ts';
export { resetPasskeysInDatabase } from './reset-passkeys-in-database.ts';
