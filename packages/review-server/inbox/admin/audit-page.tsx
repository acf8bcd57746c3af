import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from '@tanstack/react-router';
import type { AuditEntry, auditListSchema, AuditVerdict } from '../../src/contract/audit.ts';
import { problemText, request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice, NoticePlace } from '../ui/notice.tsx';
import { exactTime } from '../ui/time.tsx';
import { counted } from '../wording.ts';
import { AdminTable } from './admin-table.tsx';
import { auditWords } from './audit-words.ts';
import { AdminHeader } from './admin-page.tsx';
import { LoadOlder, usePagedList } from './paged-list.tsx';

/** The audit rows, the check of their hash chain, and the export. */
export function AuditPage() {
  const [filter, setFilter] = useState({ actor: '', event: '', subject: '' });
  const asked = Object.fromEntries(Object.entries(filter).filter(([, value]) => value.trim() !== ''));
  const list = usePagedList<(typeof auditListSchema)['_output']>('/audit', asked);
  const verify = useMutation({ mutationFn: () => request<AuditVerdict>('GET', '/audit/verify') });
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <>
      <AdminHeader
        title="Audit"
        actions={
          <>
            <a className="button button-plain button-normal" href="/reviewer-api/audit/export?format=csv" download>
              Export CSV
            </a>
            <a className="button button-plain button-normal" href="/reviewer-api/audit/export?format=jsonl" download>
              Export JSON Lines
            </a>
            <Button look="primary" isPending={verify.isPending} onPress={() => verify.mutate()}>
              Verify chain
            </Button>
          </>
        }
      >
        Decisions, key uses and changes of rules, users and keys. The hash of each row covers all rows before it.
        Payloads appear as digests only.
      </AdminHeader>
      <NoticePlace>
        {verify.data !== undefined &&
          (verify.data.ok ? (
            <Notice tone="good">
              Chain verified: {counted(verify.data.rows, 'row')}.{' '}
              {verify.data.unlinked > 0 && `Not linked yet: ${counted(verify.data.unlinked, 'entry', 'entries')}. `}
              Head: <code>{verify.data.head}</code>
            </Notice>
          ) : (
            <Notice tone="bad">
              Chain broken at row {verify.data.sequence}: {verify.data.problem}
            </Notice>
          ))}
      </NoticePlace>
      {(verify.error ?? list.error) !== null && <Notice tone="bad">{problemText(verify.error ?? list.error)}</Notice>}
      <div className="two-columns three-columns">
        <Field
          label="Actor"
          placeholder="reviewer:ana"
          value={filter.actor}
          onChange={(actor) => setFilter({ ...filter, actor })}
        />
        <Field
          label="Event"
          placeholder="signed-in"
          value={filter.event}
          onChange={(event) => setFilter({ ...filter, event })}
        />
        <Field
          label="Subject"
          placeholder="ID or name"
          value={filter.subject}
          onChange={(subject) => setFilter({ ...filter, subject })}
        />
      </div>
      {list.isSuccess && entries.length === 0 && <p className="list-state">No matching rows.</p>}
      {entries.length > 0 && (
        <AdminTable label="Audit" columns={['Row', 'Time', 'Who', 'Event', 'About', 'Details']}>
          {entries.map((entry, index) => (
            <Row key={entry.sequence ?? `unlinked ${index}`} entry={entry} />
          ))}
        </AdminTable>
      )}
      <LoadOlder list={list} />
    </>
  );
}

function Row({ entry }: { entry: AuditEntry }) {
  const { sequence, at, actor, event, subject, facts, hash, previousHash } = entry;
  const { who, role, did, approval, facts: read } = auditWords(entry);
  const [isOpen, setOpen] = useState(false);
  return (
    <tr>
      <th scope="row" className="table-number">
        {sequence ?? 'not linked yet'}
      </th>
      <td className="no-wrap">{exactTime(at)}</td>
      <td>
        <LiteralText>{who}</LiteralText>
        {role !== '' && <span className="quiet-text"> {role}</span>}
      </td>
      <td>
        <LiteralText>{did}</LiteralText>
      </td>
      <td className="table-id">
        {approval === undefined ? (
          <LiteralText>{subject}</LiteralText>
        ) : (
          <Link to="/approvals/$id" params={{ id: approval }} search={{ box: 'all' }}>
            Request …<LiteralText>{approval.slice(-8)}</LiteralText>
          </Link>
        )}
      </td>
      <td className="table-facts">
        {read.map(([name, value]) => (
          <p key={name}>
            <span className="quiet-text">
              <LiteralText>{name}</LiteralText>:
            </span>{' '}
            <LiteralText>{value}</LiteralText>
          </p>
        ))}
        <Button
          look="quiet"
          size="small"
          aria-expanded={isOpen}
          aria-label={`${isOpen ? 'Hide' : 'Show'} digests of row ${sequence ?? 'not linked yet'}`}
          onPress={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Hide digests' : 'Digests'}
        </Button>
        {isOpen && (
          <pre className="table-digests">
            <LiteralText>{JSON.stringify({ actor, event, subject, facts, previousHash, hash }, null, 2)}</LiteralText>
          </pre>
        )}
      </td>
    </tr>
  );
}
