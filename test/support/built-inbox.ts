/** Before any test: the inbox as its sources are now. It is done at once where nothing changed. */
export default async function buildInbox(): Promise<void> {
  await import('../../packages/review-server/scripts/build-inbox.ts');
}
