import { useQuery } from '@tanstack/react-query';
import type { Rule } from '../../src/contract/review-admin.ts';
import type { TimesList } from '../../src/contract/times.ts';
import { problemText } from '../api/request.ts';
import { Choice } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { adminQuery } from './queries.ts';

/** Groups that a rule adds, one after the other, with the approvals that each of them has to give. */
export type RuleStages = NonNullable<Rule['by']>;

const mostStages = 10;
const counts = Array.from({ length: 10 }, (_, index) => index + 1);

/** The groups that decide on a request that the rule sends to review. The last field adds a group. */
export function RuleStagesFields({ stages, onChange }: { stages: RuleStages; onChange: (stages: RuleStages) => void }) {
  const groups = useQuery(adminQuery<TimesList>('/times'));
  // A group that was removed or renamed stays in the list until another is chosen.
  const names = [...new Set([...(groups.data?.groups ?? []), ...stages].map(nameOf))];
  const rows: (RuleStages[number] | undefined)[] = stages.length < mostStages ? [...stages, undefined] : [...stages];
  const setGroup = (index: number, group: string | undefined) =>
    onChange(
      group === undefined
        ? stages.filter((_, at) => at !== index)
        : [...stages.slice(0, index), { approvals: 1, ...stages[index], group }, ...stages.slice(index + 1)],
    );
  return (
    <fieldset className="times-part">
      <legend>Decided by</legend>
      <p className="quiet-text">
        One group after the other, behind the groups of the tool. If neither names a group, any reviewer decides.
      </p>
      {groups.error !== null && <Notice tone="bad">{problemText(groups.error)}</Notice>}
      {rows.map((stage, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- The place in the order is the identity.
        <div key={index} className="two-columns">
          <Choice
            label={`Group ${index + 1}`}
            any={index === 0 ? 'No group' : 'No further group'}
            value={stage?.group}
            entries={names.map((name) => ({ id: name, text: name }))}
            onChange={(group) => setGroup(index, group)}
          />
          {stage !== undefined && (
            <Choice
              label={`Approvals of group ${index + 1}`}
              value={String(stage.approvals)}
              entries={[...new Set([...counts, stage.approvals])].map((count) => ({
                id: String(count),
                text: String(count),
              }))}
              onChange={(count) => onChange(stages.with(index, { ...stage, approvals: Number(count) }))}
            />
          )}
        </div>
      ))}
    </fieldset>
  );
}

/** The stages as one text, such as `2 of finance, then legal`. */
export function stagesText(stages: RuleStages): string {
  return stages.map(({ group, approvals }) => (approvals === 1 ? group : `${approvals} of ${group}`)).join(', then ');
}

function nameOf(each: { name: string } | { group: string }): string {
  return 'name' in each ? each.name : each.group;
}
