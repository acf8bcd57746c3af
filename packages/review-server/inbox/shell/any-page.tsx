import { Outlet } from '@tanstack/react-router';
import { MissingPartNotice } from './missing-part-notice.tsx';

/** The frame of all pages, also of those outside the sign-in. */
export function AnyPage() {
  return (
    <>
      <Outlet />
      <MissingPartNotice />
    </>
  );
}
