import { XMarkIcon } from '@heroicons/react/20/solid';
import type { ReactNode } from 'react';
import { Button, Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

/** A dialog over the page. Esc and a click beside it close it, unless something is under way. */
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
            {/* Without a tooltip: Esc would take that away first, and leave the dialog. */}
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
