import { HoldpointError } from './errors.ts';

/**
 * An id as one segment of an address. Every program drops `.`, `..` and empty segments, so that the request would reach
 * another route. Half of a surrogate pair has no place in an address.
 * @throws HoldpointError `invalid-request`.
 */
export function pathSegment(id: string): string {
  if (/^\.{0,2}$/.test(id) || !id.isWellFormed())
    throw new HoldpointError('invalid-request', `No run or approval has the id ${JSON.stringify(id)}.`, {
      status: 400,
      path: 'path.id',
    });
  return encodeURIComponent(id);
}
