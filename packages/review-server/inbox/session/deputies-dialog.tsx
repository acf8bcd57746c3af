import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type FormEvent } from 'react';
import type { Deputy, deputyListSchema } from '../../src/contract/times.ts';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { useCheck } from '../admin/check.ts';
import { problemText, request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice } from '../ui/notice.tsx';
import { exactTime } from '../ui/time.tsx';
import { useMe } from './session.ts';

const deputiesQuery = {
  queryKey: ['deputies'],
  queryFn: () => request<(typeof deputyListSchema)['_output']>('GET', '/deputies'),
  staleTime: 0,
};

/**
 * The user's deputies and those whom the user represents. Reviewers name their own. Administrators see all and name for
 * others too. Auditors see all.
 */
export function DeputiesDialog({ onClose }: { onClose: () => void }) {
  const me = useMe();
  const client = useQueryClient();
  const reload = () => client.invalidateQueries({ queryKey: deputiesQuery.queryKey });
  const deputies = useQuery(deputiesQuery);
  const end = useMutation({
    mutationFn: (id: string) => request<Deputy>('DELETE', `/deputies/${encodeURIComponent(id)}`),
    onSettled: reload,
  });
  return (
    <Dialog title="Deputies" size="wide" isOpen onClose={onClose}>
      <p className="quiet-text">
        A deputy decides what waits for the person, once for both. Times are in your time zone,{' '}
        {new Intl.DateTimeFormat().resolvedOptions().timeZone}.
      </p>
      <Loaded query={deputies}>
        {({ deputies: list }) =>
          list.length === 0 ? (
            <p role="status">No deputies.</p>
          ) : (
            <ul className="sessions" aria-label="Deputies">
              {list.map((each) => (
                <OneDeputy
                  key={each.id}
                  deputy={each}
                  mayEnd={me.may('admin') || [each.person, each.deputy].includes(me.name)}
                  onEnd={() => end.mutate(each.id)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      {end.error !== null && <Notice tone="bad">{problemText(end.error)}</Notice>}
      {(me.may('reviewer') || me.may('admin')) && <NameDeputy onDone={() => void reload()} />}
    </Dialog>
  );
}

function OneDeputy({
  deputy: { person, deputy, from, until, createdBy },
  mayEnd,
  onEnd,
}: {
  deputy: Deputy;
  mayEnd: boolean;
  onEnd: () => void;
}) {
  const me = useMe();
  const text =
    deputy === me.name ? `You decide for ${person}` : `${deputy} decides for ${person === me.name ? 'you' : person}`;
  return (
    <li>
      <div>
        <p>
          <strong>
            <LiteralText>{text}</LiteralText>
          </strong>
        </p>
        <p className="quiet-text">
          From {exactTime(from)} until {exactTime(until)}
          {createdBy !== person && (
            <>
              {' '}
              · Named by <LiteralText>{createdBy}</LiteralText>
            </>
          )}
        </p>
      </div>
      {mayEnd && (
        <Button size="small" onPress={onEnd} aria-label={`End: ${literalTitle(text)}`}>
          End
        </Button>
      )}
    </li>
  );
}

const week = 7 * 86_400_000;

function NameDeputy({ onDone }: { onDone: () => void }) {
  const me = useMe();
  const fields = useRef<HTMLFormElement>(null);
  const [person, setPerson] = useState(me.name);
  const [deputy, setDeputy] = useState('');
  const [from, setFrom] = useState(() => toLocal(Date.now()));
  const [until, setUntil] = useState(() => toLocal(Date.now() + week));
  const [start, end] = [Date.parse(from), Date.parse(until)];
  const problems = {
    person: person.trim() === '' ? 'Write the name of the person.' : undefined,
    deputy:
      deputy.trim() === ''
        ? 'Write the name of the deputy.'
        : deputy.trim() === person.trim()
          ? 'Write another person.'
          : undefined,
    from: Number.isNaN(start) ? 'Set the date and the time.' : undefined,
    until: Number.isNaN(end)
      ? 'Set the date and the time.'
      : end <= start
        ? 'Set a time after From.'
        : end - start > 366 * 86_400_000
          ? 'Set a time at most a year after From.'
          : undefined,
  };
  const { isChecked, check } = useCheck(
    fields,
    Object.values(problems).some((problem) => problem !== undefined),
  );
  const name = useMutation({
    mutationFn: () =>
      request<Deputy>('POST', '/deputies', {
        ...(person.trim() !== me.name && { person: person.trim() }),
        deputy: deputy.trim(),
        from: new Date(start).toISOString(),
        until: new Date(end).toISOString(),
      }),
    onSuccess: () => {
      setDeputy('');
      onDone();
    },
  });
  const refused = name.error === null || name.isPending ? undefined : problemText(name.error);
  const isOfPerson = refused !== undefined && name.error !== null && refused === `There is no user ${person.trim()}.`;
  const isOfDeputy = refused === `There is no user ${deputy.trim()}.`;
  const shown = (field: keyof typeof problems) => (isChecked ? problems[field] : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (check()) name.mutate();
  };
  return (
    <form ref={fields} className="change-form" aria-labelledby="name-deputy" onSubmit={submit}>
      <h3 id="name-deputy">Name a deputy</h3>
      {me.may('admin') && (
        <Field
          label="Person"
          autoComplete="off"
          value={person}
          onChange={setPerson}
          problem={shown('person') ?? (isOfPerson ? refused : undefined)}
        />
      )}
      <Field
        label="Deputy"
        autoComplete="off"
        description="The name that the deputy signs in with."
        value={deputy}
        onChange={setDeputy}
        problem={shown('deputy') ?? (isOfDeputy ? refused : undefined)}
      />
      <div className="two-columns">
        <Field label="From" type="datetime-local" value={from} onChange={setFrom} problem={shown('from')} />
        <Field label="Until" type="datetime-local" value={until} onChange={setUntil} problem={shown('until')} />
      </div>
      {refused !== undefined && !isOfPerson && !isOfDeputy && <Notice tone="bad">{refused}</Notice>}
      {name.isSuccess && !name.isPending && (
        <Notice tone="good">
          <LiteralText>{name.data.deputy}</LiteralText> is named.
        </Notice>
      )}
      <div className="dialog-actions">
        <Button type="submit" look="primary" isPending={name.isPending}>
          Name deputy
        </Button>
      </div>
    </form>
  );
}

/** The text of a `datetime-local` input, in the browser's time zone. */
function toLocal(instant: number): string {
  const date = new Date(instant);
  return new Date(instant - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
