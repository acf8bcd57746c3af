import { CheckCircleIcon, ExclamationTriangleIcon, InformationCircleIcon } from '@heroicons/react/20/solid';
import type { ReactNode, Ref } from 'react';

const ICONS = { good: CheckCircleIcon, bad: ExclamationTriangleIcon, info: InformationCircleIcon };

/** A box that says what came of something. What is bad interrupts a screen reader, the rest waits its turn. */
export function Notice({ tone, focus, children }: { tone: keyof typeof ICONS; focus?: Ref<HTMLDivElement>; children: ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <div ref={focus} tabIndex={focus === undefined ? undefined : -1} className={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon aria-hidden="true" />
      <div>{children}</div>
    </div>
  );
}
