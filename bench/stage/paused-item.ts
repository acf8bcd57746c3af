/** Under this name a run of either kind tells that the last Activity before its wait has begun. */
export function pausedItem(item: string): string {
  return `${item}/paused`;
}
