import { createContext, useContext, useLayoutEffect, useState } from 'react';

/** Counts the hidden parts inside a part of the page, and opens all of them. */
export type Folds = {
  areAllOpen: boolean;
  /** A part is hidden until the returned function is called. */
  addHidden: () => () => void;
};

export const FoldsContext = createContext<Folds | undefined>(undefined);

/** The state of a part that can be hidden. `isLong`: it is hidden at first. */
export function useFold(isLong: boolean): [isOpen: boolean, setOpen: (isOpen: boolean) => void] {
  const folds = useContext(FoldsContext);
  const [chosen, setChosen] = useState<boolean>();
  const isOpen = !isLong || (chosen ?? folds?.areAllOpen ?? false);
  const addHidden = folds?.addHidden;
  useLayoutEffect(() => (isOpen ? undefined : addHidden?.()), [isOpen, addHidden]);
  return [isOpen, setChosen];
}
