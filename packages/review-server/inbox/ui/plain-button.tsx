import { useEffect, useRef, useState, type ComponentProps, type MouseEvent, type ReactNode } from 'react';
import type { OurButtonProps } from './button.tsx';
import { lazyPart } from './lazy-part.tsx';

const Tooltip = lazyPart(async () => (await import('./icon-tooltip.tsx')).IconTooltip);
const tooltipDelayMs = 500;

type Native = Pick<ComponentProps<'button'>, 'aria-label' | 'aria-pressed' | 'aria-expanded' | 'aria-haspopup' | 'ref'>;

/** The native button under the plain ones. A held key presses it once, and Safari focuses it too. */
export function NativeButton({
  onPress,
  onArrow,
  onLetter,
  ...rest
}: Omit<ComponentProps<'button'>, 'type' | 'onClick' | 'onKeyDown'> & {
  onPress: (() => void) | undefined;
  /** The arrows up and down. */
  onArrow?: () => void;
  /** A letter or digit, which is no shortcut of the page then. */
  onLetter?: (letter: string) => void;
}) {
  return (
    <button
      {...rest}
      type="button"
      onClick={({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
        currentTarget.focus();
        onPress?.();
      }}
      onKeyDown={(event) => {
        const isArrow = onArrow !== undefined && /^Arrow(Up|Down)$/.test(event.key);
        const isLetter =
          onLetter !== undefined &&
          event.key.length === 1 &&
          event.key !== ' ' &&
          !(event.ctrlKey || event.metaKey || event.altKey);
        if (isArrow || isLetter || (event.repeat && /^(Enter| )$/.test(event.key))) event.preventDefault();
        if (isArrow) onArrow();
        if (isLetter) onLetter(event.key);
      }}
    />
  );
}

/**
 * A `Button` of the list: it looks and works the same, without the component library, which the list does not wait for.
 */
export function PlainButton({
  look = 'plain',
  size = 'normal',
  icon,
  hint,
  children,
  isPending = false,
  isDisabled = false,
  onPress,
  ...rest
}: Native &
  Pick<OurButtonProps, 'look' | 'size' | 'icon' | 'hint' | 'children'> & {
    isPending?: boolean;
    isDisabled?: boolean;
    onPress: () => void;
  }) {
  const [isHovered, hover] = useHover();
  const state = isPending ? { 'aria-disabled': true, 'data-pending': true } : {};
  return (
    <NativeButton
      {...rest}
      {...state}
      {...hover}
      {...(isDisabled ? { disabled: true, 'data-disabled': true } : isHovered ? { 'data-hovered': true } : {})}
      className={`button button-${look} button-${size}`}
      onPress={isPending ? undefined : onPress}
    >
      {icon}
      <span>{children}</span>
      {hint !== undefined && <kbd aria-hidden="true">{hint}</kbd>}
    </NativeButton>
  );
}

/** An `IconButton` of the list. Its tooltip is loaded when it is due. */
export function PlainIconButton({ label, icon, onPress }: { label: string; icon: ReactNode; onPress: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const [isHovered, hover] = useHover();
  const [isFocused, setFocused] = useState(false);
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    if (!isHovered) return;
    const timer = setTimeout(() => setDue(true), tooltipDelayMs);
    return () => {
      clearTimeout(timer);
      setDue(false);
    };
  }, [isHovered]);
  return (
    <>
      <NativeButton
        ref={button}
        {...hover}
        onFocus={({ currentTarget }) => setFocused(currentTarget.matches(':focus-visible'))}
        onBlur={() => setFocused(false)}
        className="icon-button"
        aria-label={label}
        onPress={() => {
          setDue(false);
          setFocused(false);
          onPress();
        }}
      >
        {icon}
      </NativeButton>
      {(isDue || isFocused) && (
        <Tooltip
          trigger={button}
          onClose={() => {
            setDue(false);
            setFocused(false);
          }}
        >
          {label}
        </Tooltip>
      )}
    </>
  );
}

/** Hovered by a mouse. A touch hovers nothing. */
function useHover(): [boolean, Pick<ComponentProps<'button'>, 'onPointerEnter' | 'onPointerLeave'>] {
  const [isHovered, setHovered] = useState(false);
  return [
    isHovered,
    {
      onPointerEnter: ({ pointerType }) => setHovered(pointerType === 'mouse'),
      onPointerLeave: () => setHovered(false),
    },
  ];
}
