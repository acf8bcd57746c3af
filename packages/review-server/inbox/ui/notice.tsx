import { CheckCircleIcon, ExclamationTriangleIcon, InformationCircleIcon } from '@heroicons/react/20/solid';
import { createContext, useContext, type ReactNode, type Ref } from 'react';

const ICONS = { good: CheckCircleIcon, bad: ExclamationTriangleIcon, info: InformationCircleIcon };

const SaidByPlace = createContext(false);

/**
 * Where notices come and go that nobody has the focus on. It has to be there before them: some screen readers say only
 * what changes in a place that they know, and pass over a place that comes together with its text.
 */
export function NoticePlace({ children }: { children: ReactNode }) {
  return (
    <div role="status" className="notice-place">
      <SaidByPlace value={true}>{children}</SaidByPlace>
    </div>
  );
}

/** A box that says what came of something. What is bad interrupts a screen reader, the rest waits its turn; in a place it is the place that says it, once. */
export function Notice({
  tone,
  focus,
  children,
}: {
  tone: keyof typeof ICONS;
  focus?: Ref<HTMLDivElement>;
  children: ReactNode;
}) {
  const Icon = ICONS[tone];
  const isSaid = useContext(SaidByPlace);
  return (
    <div
      ref={focus}
      tabIndex={focus === undefined ? undefined : -1}
      className={`notice notice-${tone}`}
      role={isSaid ? undefined : tone === 'bad' ? 'alert' : 'status'}
    >
      <Icon aria-hidden="true" />
      <div>{children}</div>
    </div>
  );
}
