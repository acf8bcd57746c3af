import { useState } from 'react';
import type { GatewayCaller, NewGatewayKey } from '../../src/contract/gateway-keys.ts';
import { request } from '../api/request.ts';
import { Choice, Field } from '../ui/field.tsx';
import { Switch } from '../ui/switch.tsx';
import { ChangeDialog } from './change-dialog.tsx';

const readOptions = [
  { id: 'own', text: 'Its own' },
  { id: 'all', text: 'All' },
];
const controlOptions = [{ id: 'none', text: 'None' }, ...readOptions];

/** The dialog that creates a caller of the gateway with its permissions. */
export function CreateGatewayCaller({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (key: NewGatewayKey) => void;
}) {
  const [name, setName] = useState('');
  const [start, setStart] = useState('');
  const [read, setRead] = useState<string>('own');
  const [control, setControl] = useState<string>('own');
  const [ask, setAsk] = useState(false);
  const [decode, setDecode] = useState(false);
  const [admin, setAdmin] = useState(false);
  const assistants = start.split(',').map((assistant) => assistant.trim());
  const scopes = {
    start: start.trim() === 'all' ? 'all' : assistants.filter((assistant) => assistant !== ''),
    read,
    control,
    ask,
    decode,
    admin,
  } as GatewayCaller['scopes'];
  return (
    <ChangeDialog
      title="Create API key"
      verb="Create API key"
      change={() => request<NewGatewayKey>('POST', '/gateway-keys', { name: name.trim(), scopes })}
      onDone={onMade}
      onClose={onClose}
    >
      <Field
        label="Caller"
        description="The program, team or person. Runs carry the name, and it is not given again."
        isRequired
        autoFocus
        value={name}
        onChange={setName}
      />
      <Field
        label="Assistants it may start"
        description="Names separated by commas, or “all”. Empty: none."
        value={start}
        onChange={setStart}
      />
      <Choice
        label="Runs it may read"
        value={read}
        entries={readOptions}
        onChange={(value) => setRead(value ?? 'own')}
      />
      <Choice
        label="Runs it may control"
        value={control}
        entries={controlOptions}
        onChange={(value) => setControl(value ?? 'own')}
      />
      <Switch isSelected={ask} onChange={setAsk}>
        May ask for standalone approvals
      </Switch>
      <Switch isSelected={decode} onChange={setDecode}>
        May decrypt values for Temporal’s UI and CLI
      </Switch>
      <Switch isSelected={admin} onChange={setAdmin}>
        May manage API keys, and so give itself any permission
      </Switch>
    </ChangeDialog>
  );
}
