import { removeTarballs } from './packed.ts';

/** Before any test: the inbox as its sources are now. It is done at once where nothing changed. After all: no tarballs. */
export default async function buildInbox(): Promise<() => void> {
  await import('../../packages/review-server/scripts/build-inbox.ts');
  return removeTarballs;
}
