/** Places for event streams: so many for each owner, and so many in all. */
export type StreamSlots = {
  /**
   * Takes a place until `release`. `owner-full`: this owner has as many as it may have. `full`: all places are taken.
   */
  take(owner: string): { release: () => void } | 'owner-full' | 'full';
};

/** Counts open streams, so that forgotten or hostile clients don't use up memory and sockets. */
export function createStreamSlots({ perOwner, total }: { perOwner: number; total: number }): StreamSlots {
  const open = new Map<string, number>();
  let all = 0;
  return {
    take(owner) {
      const own = open.get(owner) ?? 0;
      if (own >= perOwner) return 'owner-full';
      if (all >= total) return 'full';
      open.set(owner, own + 1);
      all += 1;
      let isReleased = false;
      return {
        release() {
          if (isReleased) return;
          isReleased = true;
          all -= 1;
          const left = (open.get(owner) ?? 1) - 1;
          if (left === 0) open.delete(owner);
          else open.set(owner, left);
        },
      };
    },
  };
}
