import { CheckIcon, ClipboardDocumentIcon, ExclamationTriangleIcon } from '@heroicons/react/16/solid';
import { useState } from 'react';
import { IconButton } from './button.tsx';

const TELL_MS = { copied: 2000, refused: 6000 };
const TELLS = {
  copied: { label: 'Copied', icon: <CheckIcon /> },
  // Browsers let a page copy only with https or on this very machine, and where the person allows it.
  refused: {
    label: 'This browser does not let the page copy: mark the text and copy it',
    icon: <ExclamationTriangleIcon />,
  },
};

/** Copies a text; says for a moment whether that worked. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<keyof typeof TELLS>();
  const copy = async () => {
    const tell = (await copied(text)) ? 'copied' : 'refused';
    setOutcome(tell);
    setTimeout(() => setOutcome(undefined), TELL_MS[tell]);
  };
  const shown = outcome === undefined ? { label, icon: <ClipboardDocumentIcon /> } : TELLS[outcome];
  return <IconButton {...shown} onPress={() => void copy()} />;
}

async function copied(text: string): Promise<boolean> {
  // Without https there is no clipboard at all, whatever the types say.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  return (
    clipboard !== undefined &&
    clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  );
}
