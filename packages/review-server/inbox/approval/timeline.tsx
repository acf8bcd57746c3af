import type { TimelineEntry } from '../../src/contract/reviewer-api.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { exactTime, TimeAgo } from '../ui/time.tsx';
import { Section } from './section.tsx';

/** The events of a request, oldest first. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  if (entries.length === 0) return null;
  return (
    <Section title="Timeline">
      <ol className="timeline">
        {entries.map(({ at, actor, event, text }) => (
          <li key={`${at} ${event} ${actor}`} data-event={event}>
            <p>
              <strong>
                <LiteralText>{actor}</LiteralText>
              </strong>{' '}
              <LiteralText>{text}</LiteralText>
            </p>
            <p className="quiet-text" title={exactTime(at)}>
              <TimeAgo at={at} />
            </p>
          </li>
        ))}
      </ol>
    </Section>
  );
}
