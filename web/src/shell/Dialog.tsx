import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A modal dialog: focus trapped and given back, Escape closes. Scroll lock is off, since it would write a style element. */
export function Dialog({ title, close, children, size = 520 }: { title: string; close: () => void; children: ReactNode; size?: number }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={close} title={title} size={size} lockScroll={false} transitionProps={{ duration: 0 }} closeButtonProps={{ 'aria-label': t('action.close') }} yOffset="10vh">
      {children}
    </Modal>
  );
}
