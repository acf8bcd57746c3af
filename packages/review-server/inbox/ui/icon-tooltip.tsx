import { useEffect, type ReactNode, type RefObject } from 'react';
import { Tooltip, TooltipTriggerStateContext } from 'react-aria-components';

/** The tooltip of a button of the list. Esc closes it. */
export function IconTooltip({
  trigger,
  onClose,
  children,
}: {
  trigger: RefObject<HTMLElement | null>;
  onClose: () => void;
  children: ReactNode;
}) {
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      onClose();
    };
    document.addEventListener('keydown', close, true);
    return () => document.removeEventListener('keydown', close, true);
  }, [onClose]);
  return (
    <TooltipTriggerStateContext value={{ isOpen: true, shouldSkipAnimation: true, open: () => {}, close: onClose }}>
      <Tooltip className="tooltip" triggerRef={trigger} isOpen>
        {children}
      </Tooltip>
    </TooltipTriggerStateContext>
  );
}
