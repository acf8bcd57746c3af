import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';

/** A new key, which no other page shows. */
export function SecretShownOnce({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <Notice tone="info">Copy the key now. It is not shown again.</Notice>
      <p className="secret">
        <code>{secret}</code>
        <CopyButton label="Copy key" text={secret} />
      </p>
      <div className="dialog-actions">
        <Button look="primary" onPress={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
