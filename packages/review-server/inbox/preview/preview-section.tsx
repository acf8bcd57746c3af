import type { Preview, WireObject } from '@holdpoint/cheqpoint/wire';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import { isJsonObject, ownValue } from '@holdpoint/json';
import { useMemo, useState } from 'react';
import { previewDigest } from '../../src/contract/shown-digest.ts';
import { runsATool } from '../approval/details.ts';
import { Section } from '../approval/section.tsx';
import { FormBoundary } from '../decide/form-boundary.tsx';
import { Button } from '../ui/button.tsx';
import { lazyPart } from '../ui/lazy-part.tsx';
import { LiteralText } from '../ui/literal-text.tsx';

const PreviewFrame = lazyPart(async () => (await import('./preview-frame.tsx')).PreviewFrame, {
  placeholder: <div className="skeleton skeleton-block" role="status" aria-label="Loading preview" />,
});

const names: Record<Preview['type'], string> = {
  email: 'Email',
  markdown: 'Text',
  diff: 'Difference',
  table: 'Table',
  image: 'Image',
};

/** The meaning of the arguments, as the tool shows it. The arguments are one click away. */
export function PreviewSection({
  preview,
  details,
  isOfOriginal,
  isPending,
  onArguments,
}: {
  preview: Preview;
  details: WireObject;
  /** The arguments are being edited, or were. */
  isOfOriginal: boolean;
  isPending: boolean;
  /** Shows the exact arguments. */
  onArguments: () => void;
}) {
  const [isLarge, setLarge] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const isSealed = useMemo(() => sealHas(details, preview), [details, preview]);
  const verb = !isPending ? 'counted' : runsATool(details) ? 'run' : 'count';
  return (
    <Section
      title="Preview"
      tools={
        <span className="section-tools">
          <Button look="quiet" size="small" onPress={() => setLarge(!isLarge)}>
            {isLarge ? 'Smaller' : 'Larger'}
          </Button>
          <Button look="quiet" size="small" onPress={onArguments}>
            Exact arguments
          </Button>
        </span>
      }
    >
      <p className="preview-about quiet-text">
        {isOfOriginal && <strong className="preview-original">Preview of the original arguments. </strong>}
        {names[preview.type]}
        {preview.title !== undefined && (
          <>
            {' '}
            “<LiteralText>{preview.title}</LiteralText>”
          </>
        )}
        , made by the tool. The exact arguments {verb}, not the preview.
      </p>
      {!isSealed || hasFailed ? (
        <p>
          {isSealed ? 'The preview can’t be shown.' : 'The preview is not the one of this request, so it is not shown.'}{' '}
          Read the exact arguments.
        </p>
      ) : (
        <div className="preview" data-large={isLarge} data-type={preview.type} data-original={isOfOriginal}>
          <FormBoundary onError={() => setFailed(true)}>
            <PreviewFrame preview={preview} title={`Preview: ${names[preview.type]}`} />
          </FormBoundary>
        </div>
      )}
    </Section>
  );
}

/** Whether the seal of a worker covers this preview. Programs without a seal answer for their own. */
function sealHas(details: WireObject, preview: Preview): boolean {
  const reserved = ownValue(details, RESERVED_DETAILS_KEY);
  return !isJsonObject(reserved) || reserved['preview'] === previewDigest(preview);
}
