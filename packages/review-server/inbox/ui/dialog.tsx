import { XMarkIcon } from '@heroicons/react/20/solid';
import type { ReactNode } from 'react';
import { Button, Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

/** A modal dialog. Esc and a click outside close it, unless it is busy. */
export function Dialog({
  title,
  size = 'normal',
  isOpen,
  onClose,
  isBusy = false,
  children,
}: {
  title: string;
  size?: 'normal' | 'wide';
  isOpen: boolean;
  onClose: () => void;
  isBusy?: boolean;
  children: ReactNode;
}) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isBusy}
      isKeyboardDismissDisabled={isBusy}
    >
      <Modal className={`modal modal-${size}`}>
        <AriaDialog className="dialog">
          <div className="dialog-header">
            <Heading slot="title">{title}</Heading>
            {/* No tooltip: the first Esc would close the tooltip instead of the dialog. */}
            <Button className="icon-button" aria-label="Close" isDisabled={isBusy} onPress={onClose}>
              <XMarkIcon />
            </Button>
          </div>
          <div className="dialog-body">{children}</div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
