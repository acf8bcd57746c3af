import type { ReactNode } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger, type ButtonProps } from 'react-aria-components';

export type OurButtonProps = Omit<ButtonProps, 'className' | 'style' | 'children'> & {
  /** `primary`, `approve` and `refuse` are filled. `plain` and `reject` have a border. `quiet` has neither. @default 'plain' */
  look?: 'primary' | 'approve' | 'reject' | 'refuse' | 'plain' | 'quiet';
  size?: 'normal' | 'small' | 'large';
  icon?: ReactNode;
  /** The key of the same shortcut. */
  hint?: string;
  children: ReactNode;
};

/** A button with a text label. While pending it keeps the focus and ignores presses. */
export function Button({
  look = 'plain',
  size = 'normal',
  icon,
  hint,
  children,
  isPending = false,
  type,
  onPress,
  ...rest
}: OurButtonProps) {
  const work = isPending
    ? ({ 'aria-disabled': true, 'data-pending': true } as const)
    : { ...(type === undefined ? {} : { type }), ...(onPress === undefined ? {} : { onPress }) };
  return (
    <AriaButton {...rest} {...work} className={`button button-${look} button-${size}`}>
      {icon}
      <span>{children}</span>
      {hint !== undefined && <kbd aria-hidden="true">{hint}</kbd>}
    </AriaButton>
  );
}

/** A button with an icon only. The label is its accessible name and its tooltip. */
export function IconButton({
  label,
  icon,
  ...rest
}: Omit<ButtonProps, 'className' | 'style' | 'children' | 'aria-label'> & { label: string; icon: ReactNode }) {
  return (
    <TooltipTrigger delay={500}>
      <AriaButton {...rest} aria-label={label} className="icon-button">
        {icon}
      </AriaButton>
      <Tooltip className="tooltip">{label}</Tooltip>
    </TooltipTrigger>
  );
}
