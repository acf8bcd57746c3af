import { useEffect, useState, type RefObject } from 'react';

/**
 * Form validation on submit: `check` returns whether the form is valid, shows its problems and moves the focus to the first
 * invalid field. A successful check and `forget` hide the problems until the next submit.
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
