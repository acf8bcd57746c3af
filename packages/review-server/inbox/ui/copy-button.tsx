import { CheckIcon, ClipboardDocumentIcon, ExclamationTriangleIcon } from '@heroicons/react/16/solid';
import { useState } from 'react';
import { IconButton } from './button.tsx';

const shownMs = { copied: 2000, refused: 6000 };
const results = {
  copied: { label: 'Copied', icon: <CheckIcon /> },
  // Browsers allow copying only on https or localhost, and with the user's permission.
  refused: {
    label: 'The browser blocked copying. Select the text and copy it.',
    icon: <ExclamationTriangleIcon />,
  },
};

/** Copies a text and shows the result for a moment. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<keyof typeof results>();
  const copy = async () => {
    const result = (await copied(text)) ? 'copied' : 'refused';
    setOutcome(result);
    setTimeout(() => setOutcome(undefined), shownMs[result]);
  };
  const shown = outcome === undefined ? { label, icon: <ClipboardDocumentIcon /> } : results[outcome];
  return <IconButton {...shown} onPress={() => void copy()} />;
}

async function copied(text: string): Promise<boolean> {
  // Without https the clipboard is undefined, although the types say otherwise.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  return (
    clipboard !== undefined &&
    clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  );
}
