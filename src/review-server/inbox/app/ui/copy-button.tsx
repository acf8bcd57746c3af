import { CheckIcon, ClipboardDocumentIcon } from '@heroicons/react/16/solid';
import { useState } from 'react';
import { IconButton } from './button.tsx';

/** Copies a text; says so for two seconds. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return <IconButton label={copied ? 'Copied' : label} icon={copied ? <CheckIcon /> : <ClipboardDocumentIcon />} onPress={() => void copy()} />;
}
