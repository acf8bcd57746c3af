import { useEffect, useState, type RefObject } from 'react';

/**
 * What is wrong with the fields of a form is said once somebody tries to send it, not while it is first typed; the focus
 * is then at the first such field. `check` says whether it may be sent. After it could be, and after `forget`, for a field
 * that is new, nothing is said until the next try.
 */
export function useCheck(
  form: RefObject<HTMLElement | null>,
  hasProblem: boolean,
): { isChecked: boolean; check: () => boolean; forget: () => void } {
  const [attempts, setAttempts] = useState(0);
  useEffect(() => {
    if (attempts > 0) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [attempts, form]);
  return {
    isChecked: attempts > 0,
    check: () => {
      setAttempts(hasProblem ? attempts + 1 : 0);
      return !hasProblem;
    },
    forget: () => setAttempts(0),
  };
}
