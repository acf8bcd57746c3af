import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { highestLimits } from '../../src/contract/highest-limits.ts';
import type {
  assistantListSchema,
  AssistantLimits,
  AssistantSettings,
  ChangeAssistant,
} from '../../src/contract/review-admin.ts';
import { request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { TimeAgo } from '../ui/time.tsx';
import { counted } from '../wording.ts';
import { AdminTable } from './admin-table.tsx';
import { AdminHeader } from './admin-page.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { useCheck } from './check.ts';
import { Loaded } from '../ui/loaded.tsx';
import { adminQuery } from './queries.ts';

type Doing = { what: 'pause' | 'resume' | 'limits'; assistant: AssistantSettings };

/** The limits and the kill switch of each assistant. */
export function AssistantsPage() {
  const me = useMe();
  const assistants = useQuery(adminQuery<(typeof assistantListSchema)['_output']>('/assistants'));
  const [doing, setDoing] = useState<Doing>();
  const end = () => setDoing(undefined);
  return (
    <>
      <AdminHeader title="Assistants">
        While an assistant is paused, new requests are rejected at once, and waiting requests can only be rejected.
      </AdminHeader>
      <Loaded query={assistants}>
        {({ assistants: list }) =>
          list.length === 0 ? (
            <p className="list-state">No assistants. Create a Connection Key first.</p>
          ) : (
            <AdminTable
              label="Assistants"
              columns={['Assistant', 'State', 'Requests', 'Limits', 'Keys', me.may('admin') && 'Actions']}
            >
              {list.map((assistant) => (
                <tr key={assistant.name}>
                  <th scope="row">
                    <LiteralText>{assistant.name}</LiteralText>
                  </th>
                  <td>
                    {assistant.paused === null ? (
                      <span className="state" data-state="good">
                        Active
                      </span>
                    ) : (
                      <>
                        <span className="state" data-state="bad">
                          Paused
                        </span>{' '}
                        by {assistant.paused.by}, <TimeAgo at={assistant.paused.at} />
                        {assistant.paused.reason !== null && (
                          <p className="quiet-text">
                            <LiteralText>{assistant.paused.reason}</LiteralText>
                          </p>
                        )}
                      </>
                    )}
                  </td>
                  <td>
                    <span className="no-wrap">Last hour: {assistant.requests.lastHour}</span>
                    <br />
                    <span className="no-wrap">Last day: {assistant.requests.lastDay}</span>
                    <br />
                    <span className="no-wrap">Waiting: {assistant.requests.waiting}</span>
                  </td>
                  <td>{limitsText(assistant.effectiveLimits)}</td>
                  <td>{assistant.activeKeys}</td>
                  {me.may('admin') && (
                    <td className="table-actions">
                      <Button
                        size="small"
                        onPress={() => setDoing({ what: 'limits', assistant })}
                        aria-label={`Limits of ${assistant.name}`}
                      >
                        Limits…
                      </Button>
                      {assistant.paused === null ? (
                        <Button
                          size="small"
                          look="reject"
                          onPress={() => setDoing({ what: 'pause', assistant })}
                          aria-label={`Pause ${assistant.name}`}
                        >
                          Pause…
                        </Button>
                      ) : (
                        <Button
                          size="small"
                          onPress={() => setDoing({ what: 'resume', assistant })}
                          aria-label={`Resume ${assistant.name}`}
                        >
                          Resume…
                        </Button>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </AdminTable>
          )
        }
      </Loaded>
      {doing?.what === 'pause' && <PauseDialog assistant={doing.assistant} onClose={end} />}
      {doing?.what === 'resume' && (
        <ChangeDialog
          title={`Resume ${doing.assistant.name}`}
          verb="Resume"
          change={() => change(doing.assistant, { paused: false })}
          onDone={end}
          onClose={end}
        >
          <p>New requests go to rules and reviewers again.</p>
        </ChangeDialog>
      )}
      {doing?.what === 'limits' && <LimitsDialog assistant={doing.assistant} onClose={end} />}
    </>
  );
}

function change({ name }: AssistantSettings, body: ChangeAssistant): Promise<AssistantSettings> {
  return request('PUT', `/assistants/${encodeURIComponent(name)}`, body);
}

function PauseDialog({ assistant, onClose }: { assistant: AssistantSettings; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const { waiting } = assistant.requests;
  return (
    <ChangeDialog
      title={`Pause ${assistant.name}`}
      verb="Pause"
      look="refuse"
      change={() => change(assistant, { paused: true, reason: reason.trim() === '' ? null : reason })}
      onDone={onClose}
      onClose={onClose}
    >
      <p>
        New requests are rejected at once.
        {waiting > 0 && ` ${counted(waiting, 'waiting request')} can’t be approved until you resume it.`}
      </p>
      <Field label="Reason" description="Shown on this page." value={reason} onChange={setReason} autoFocus />
    </ChangeDialog>
  );
}

function LimitsDialog({ assistant, onClose }: { assistant: AssistantSettings; onClose: () => void }) {
  const { requestsPerHour, requestsPerDay, loopProtection } = assistant.limits;
  const [hour, setHour] = useState(limitText(requestsPerHour));
  const [day, setDay] = useState(limitText(requestsPerDay));
  const [identical, setIdentical] = useState(limitText(loopProtection?.identicalRequests));
  const [seconds, setSeconds] = useState(limitText(loopProtection?.withinSeconds));
  const fields = useRef<HTMLDivElement>(null);
  const problems = {
    hour: limitProblem(hour, highestLimits.requests),
    day: limitProblem(day, highestLimits.requests),
    identical: limitProblem(identical, highestLimits.requests) ?? togetherProblem(identical, seconds),
    seconds: limitProblem(seconds, highestLimits.withinSeconds) ?? togetherProblem(seconds, identical),
  };
  const { isChecked, check } = useCheck(
    fields,
    Object.values(problems).some((problem) => problem !== undefined),
  );
  const shown = isChecked ? problems : undefined;
  const limits: AssistantLimits = {
    requestsPerHour: numberOf(hour),
    requestsPerDay: numberOf(day),
    loopProtection:
      numberOf(identical) === null ? null : { identicalRequests: Number(identical), withinSeconds: Number(seconds) },
  };
  return (
    <ChangeDialog
      title={`Limits of ${assistant.name}`}
      verb="Save"
      check={check}
      change={() => change(assistant, { limits })}
      onDone={onClose}
      onClose={onClose}
    >
      <p className="quiet-text">Empty fields use the server’s default.</p>
      <div ref={fields} className="two-columns">
        <Field label="Requests per hour" inputMode="numeric" value={hour} problem={shown?.hour} onChange={setHour} />
        <Field label="Requests per day" inputMode="numeric" value={day} problem={shown?.day} onChange={setDay} />
        <Field
          label="Identical requests"
          inputMode="numeric"
          description="Further identical requests are rejected as a loop."
          value={identical}
          problem={shown?.identical}
          onChange={setIdentical}
        />
        <Field
          label="Within seconds"
          inputMode="numeric"
          value={seconds}
          problem={shown?.seconds}
          onChange={setSeconds}
        />
      </div>
    </ChangeDialog>
  );
}

function limitProblem(text: string, most: number): string | undefined {
  const typed = text.trim();
  const fits = typed === '' || (/^[1-9]\d*$/.test(typed) && Number(typed) <= most);
  return fits ? undefined : `Enter a whole number from 1 to ${most.toLocaleString('en')}, or leave the field empty.`;
}

function togetherProblem(own: string, other: string): string | undefined {
  return own.trim() === '' && other.trim() !== ''
    ? 'Fill in both “Identical requests” and “Within seconds”, or neither.'
    : undefined;
}

function limitText(value: number | null | undefined): string {
  return value == null ? '' : String(value);
}

function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}

function limitsText({ requestsPerHour, requestsPerDay, loopProtection }: AssistantLimits): string {
  const parts = [
    ...(requestsPerHour === null ? [] : [`${requestsPerHour} per hour`]),
    ...(requestsPerDay === null ? [] : [`${requestsPerDay} per day`]),
    ...(loopProtection === null
      ? []
      : [`${loopProtection.identicalRequests} identical in ${loopProtection.withinSeconds} s`]),
  ];
  return parts.length === 0 ? 'None' : parts.join(', ');
}
