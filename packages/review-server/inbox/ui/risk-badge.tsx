import { LiteralText } from './literal-text.tsx';

const riskLevels = ['low', 'medium', 'high', 'critical'];

/** The level for styles. Unknown levels look like medium. */
export function riskLook(level: string): string {
  return riskLevels.includes(level) ? level : 'medium';
}

export function RiskBadge({ level, score }: { level: string; score?: number | null }) {
  return (
    <span className="risk-badge" data-risk={riskLook(level)}>
      <LiteralText>
        {riskLevels.includes(level) ? `${level[0]!.toUpperCase()}${level.slice(1)} risk` : `Risk: ${level}`}
      </LiteralText>
      {score != null && (
        <span className="risk-score" title="Risk score of the requester, from 0 to 1">
          {score}
        </span>
      )}
    </span>
  );
}
