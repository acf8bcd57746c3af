import { LiteralText } from './literal-text.tsx';

const LEVELS = ['low', 'medium', 'high', 'critical'];

/** The level as styles know it; a word of the asker's own looks like medium. */
export function riskLook(level: string): string {
  return LEVELS.includes(level) ? level : 'medium';
}

export function RiskBadge({ level, score }: { level: string; score?: number | null }) {
  return (
    <span className="risk-badge" data-risk={riskLook(level)}>
      <LiteralText>
        {LEVELS.includes(level) ? `${level[0]!.toUpperCase()}${level.slice(1)} risk` : `Risk: ${level}`}
      </LiteralText>
      {score != null && (
        <span className="risk-score" title="The asker’s risk score, from 0 to 1">
          {score}
        </span>
      )}
    </span>
  );
}
