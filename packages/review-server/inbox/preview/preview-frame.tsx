import type { Preview } from '@holdpoint/cheqpoint/wire';
import { useLayoutEffect, useRef } from 'react';
import { previewDocument } from './preview-document.ts';

type TrustedTypes = {
  createPolicy: (
    name: string,
    rules: { createHTML: (text: string) => string },
  ) => {
    createHTML: (text: string) => string;
  };
};

// The page's policy allows this name alone to make HTML, and this file uses it for its own documents only.
const trusted = (window as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('holdpoint-preview', {
  createHTML: (text) => text,
});

/**
 * A preview in its own frame. `sandbox` without any permission: no script, no form, no pop-up, no navigation of the
 * page, and another origin.
 */
export function PreviewFrame({ preview, title }: { preview: Preview; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useLayoutEffect(() => {
    const page = previewDocument(preview, pageNonce());
    frame.current!.srcdoc = trusted?.createHTML(page) ?? page;
  }, [preview]);
  return <iframe ref={frame} className="preview-frame" title={title} sandbox="" referrerPolicy="no-referrer" />;
}

function pageNonce(): string {
  return document.querySelector<HTMLElement>('[nonce]')?.nonce ?? '';
}
