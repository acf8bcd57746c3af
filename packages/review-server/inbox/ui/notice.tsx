import { CheckCircleIcon, ExclamationTriangleIcon, InformationCircleIcon } from '@heroicons/react/20/solid';
import { createContext, useContext, type ReactNode, type Ref } from 'react';

const icons = { good: CheckCircleIcon, bad: ExclamationTriangleIcon, info: InformationCircleIcon };

const SaidByPlace = createContext(false);

/**
 * A live region for notices. Render it before its first notice: some screen readers announce only changes in a region
 * that already exists.
 */
export function NoticePlace({ children }: { children: ReactNode }) {
  return (
    <div role="status" className="notice-place">
      <SaidByPlace value={true}>{children}</SaidByPlace>
    </div>
  );
}

/** Result message. Errors use `role="alert"`, others `role="status"`. Inside a `NoticePlace` the place announces it. */
export function Notice({
  tone,
  focus,
  children,
}: {
  tone: keyof typeof icons;
  focus?: Ref<HTMLDivElement>;
  children: ReactNode;
}) {
  const Icon = icons[tone];
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
