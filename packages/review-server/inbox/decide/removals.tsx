import { Checkbox, CheckboxGroup, Label } from 'react-aria-components';
import { LiteralText } from '../ui/literal-text.tsx';

/** Confirms each removed key, since a missing key may be a mistake. */
export function Removals({
  keys,
  confirmed,
  isDisabled,
  onChange,
}: {
  keys: readonly string[];
  confirmed: readonly string[];
  isDisabled: boolean;
  onChange: (confirmed: readonly string[]) => void;
}) {
  return (
    <CheckboxGroup
      className="field removals"
      value={keys.filter((key) => confirmed.includes(key))}
      isDisabled={isDisabled}
      onChange={onChange}
    >
      <Label>Removed fields</Label>
      {keys.map((key) => (
        <Checkbox key={key} value={key} className="checkbox">
          <span className="checkbox-box" aria-hidden="true" />
          <span>
            Remove <LiteralText>{key}</LiteralText>
          </span>
        </Checkbox>
      ))}
    </CheckboxGroup>
  );
}
