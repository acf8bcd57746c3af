import { useState, type RefCallback } from 'react';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { isExactNumber } from '@holdpoint/json';
import { CopyButton } from '../ui/copy-button.tsx';
import { Button } from '../ui/button.tsx';
import { useFold } from '../ui/folds.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { LongText } from '../ui/long-text.tsx';
import { counted, shortened } from '../wording.ts';
import type { Described } from './described.ts';
import { Section } from './section.tsx';

const mostEntries = 50;
const mostLevels = 6;

/** The exact arguments as fields or as JSON. */
export function Arguments({
  title,
  action,
  details,
  described,
  isPending,
  endRef,
}: {
  title?: string;
  action?: string;
  details: WireObject;
  /** The schema's descriptions of the fields. */
  described?: Described | undefined;
  isPending: boolean;
  /** For the element behind the last argument. */
  endRef?: RefCallback<Element> | undefined;
}) {
  const [asJson, setAsJson] = useState(false);
  const json = JSON.stringify(details, null, 2);
  const heading = title ?? (isPending ? 'Exact arguments' : 'Requested arguments');
  return (
    <Section
      title={heading}
      tools={
        <span className="section-tools">
          <Button look="quiet" size="small" onPress={() => setAsJson(!asJson)}>
            {asJson ? 'View as fields' : 'View as JSON'}
          </Button>
          <CopyButton label="Copy as JSON" text={json} />
        </span>
      }
    >
      <div className="arguments" dir="ltr">
        {action !== undefined && (
          <p className="arguments-action">
            <code>
              <LiteralText>{action}</LiteralText>
            </code>
          </p>
        )}
        {asJson ? (
          <pre tabIndex={0} aria-label={`${heading}, as JSON`}>
            <LongText lines={60}>{json}</LongText>
          </pre>
        ) : (
          <Value value={details} level={0} described={described} />
        )}
        {endRef !== undefined && <div ref={endRef} className="arguments-end" aria-hidden="true" />}
      </div>
    </Section>
  );
}

/** One value of any type. Strings have quotes, so that "5" differs from 5. */
function Value({ value, level, described }: { value: unknown; level: number; described: Described | undefined }) {
  if (typeof value === 'string')
    return (
      <span className="value value-string">
        <LongText edges>{value}</LongText>
      </span>
    );
  if (value === null || typeof value !== 'object' || isExactNumber(value))
    return <span className="value value-plain">{JSON.stringify(value)}</span>;
  if (level >= mostLevels)
    return (
      <pre className="value">
        <LongText>{JSON.stringify(value, null, 2)}</LongText>
      </pre>
    );
  return Array.isArray(value) ? (
    <List items={value as unknown[]} level={level} described={described?.entry} />
  ) : (
    <Fields fields={value as WireObject} level={level} described={described} />
  );
}

function Fields({ fields, level, described }: { fields: WireObject; level: number; described: Described | undefined }) {
  const [shown, more] = useBeginning(Object.entries(fields), 'field');
  if (shown.length === 0) return <span className="value value-plain">{level === 0 ? 'No arguments' : '{}'}</span>;
  return (
    <>
      <dl className="fields">
        {shown.map(([key, value]) => {
          const place = described?.property(key);
          const about = place?.text;
          return (
            <div key={key} className="fields-entry" data-nested={isNested(value)}>
              <dt>
                <LiteralText edges>{key}</LiteralText>
              </dt>
              <dd>
                <Value value={value} level={level + 1} described={place} />
                {about !== undefined && (
                  <p className="fields-about">
                    <LiteralText>{shortened(about)}</LiteralText>
                  </p>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
      {more}
    </>
  );
}

function List({
  items,
  level,
  described,
}: {
  items: readonly unknown[];
  level: number;
  described: Described | undefined;
}) {
  const [shown, more] = useBeginning(items, 'entry', 'entries');
  if (shown.length === 0) return <span className="value value-plain">[]</span>;
  return (
    <>
      <ol className="items">
        {shown.map((item, index) => (
          <li key={index}>
            <Value value={item} level={level + 1} described={described} />
          </li>
        ))}
      </ol>
      {more}
    </>
  );
}

function useBeginning<Entry>(
  entries: readonly Entry[],
  one: string,
  many?: string,
): [readonly Entry[], React.ReactNode] {
  const [isOpen, setOpen] = useFold(entries.length > mostEntries);
  if (isOpen) return [entries, null];
  return [
    entries.slice(0, mostEntries),
    <p key="more" className="long-text-more">
      <span className="long-text-missing">{(entries.length - mostEntries).toLocaleString('en')} more hidden.</span>
      <Button size="small" onPress={() => setOpen(true)}>{`Show all ${counted(entries.length, one, many)}`}</Button>
    </p>,
  ];
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isExactNumber(value) && Object.keys(value).length > 0;
}
