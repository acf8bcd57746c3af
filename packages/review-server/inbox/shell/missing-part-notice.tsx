import { Notice } from '../ui/notice.tsx';
import { PlainButton } from '../ui/plain-button.tsx';
import { useMissingPart } from '../ui/missing-part.ts';

/** Says that the page is older than the server, or that a part did not load, and offers the way on. */
export function MissingPartNotice() {
  const { missing } = useMissingPart();
  const dismiss = () => useMissingPart.setState({ missing: undefined });
  return (
    <section className="missing-part" aria-label="State of this page">
      {missing !== undefined && (
        <Notice tone="info">
          <p>
            {missing.why === 'updated'
              ? 'Holdpoint was updated. Reload the page to go on. Your unsent texts are kept.'
              : 'A part of the page did not load. Check the connection, then try again.'}
          </p>
          <p className="missing-part-actions">
            <PlainButton look="primary" size="small" onPress={() => window.location.reload()}>
              Reload
            </PlainButton>
            {missing.why === 'unreachable' && (
              <PlainButton
                size="small"
                onPress={() => {
                  dismiss();
                  missing.again?.();
                }}
              >
                Try again
              </PlainButton>
            )}
            <PlainButton look="quiet" size="small" onPress={dismiss}>
              Later
            </PlainButton>
          </p>
        </Notice>
      )}
    </section>
  );
}
