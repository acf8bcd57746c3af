import type { ReactNode } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger, type ButtonProps } from 'react-aria-components';

export interface OurButtonProps extends Omit<ButtonProps, 'className' | 'style' | 'children'> {
  /** `primary`, `approve` and `refuse` are filled; `plain` and `reject`, which leads there, have a border; `quiet` has none. Default `plain`. */
  look?: 'primary' | 'approve' | 'reject' | 'refuse' | 'plain' | 'quiet';
  size?: 'normal' | 'small' | 'large';
  icon?: ReactNode;
  /** The single key that does the same. */
  hint?: string;
  children: ReactNode;
}

/** A button with words. While what it began is under way it keeps the focus and does nothing. */
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

/** A button with a picture only; its words are its name and its tooltip. */
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
