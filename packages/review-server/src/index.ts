export { createReviewServer, type ReviewServer } from './create-review-server.ts';
export type { ReviewServerOptions } from './options.ts';
