// Our own thresholds: Cheqpoint does not publish its.
const levels: readonly { from: number; level: string }[] = [
  { from: 0.9, level: 'critical' },
  { from: 0.7, level: 'high' },
  { from: 0.3, level: 'medium' },
  { from: 0, level: 'low' },
];

/** The requester's level, else the level of the score (0.3 medium, 0.7 high, 0.9 critical), else medium. */
export function riskLevelOf(level: string | null | undefined, score: number | null | undefined): string {
  if (level) return level;
  if (score == null) return 'medium';
  return levels.find(({ from }) => score >= from)?.level ?? 'low';
}
