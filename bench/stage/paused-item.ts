/** Name under which a run reports the start of the last Activity before its wait. */
export function pausedItem(item: string): string {
  return `${item}/paused`;
}
