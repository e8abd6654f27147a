/** Short messages at the lower edge, and the live regions that read messages aloud. */
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { useAnnouncer } from '../state/announcer.ts';
import { closeToast, TOAST_MS, useToasts } from '../state/toasts.ts';
import type { Toast } from '../state/toasts.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import styles from './toasts.module.css';

/** The messages. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className={styles.toasts}>
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  const t = useText(shellText);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const wait = () => {
    clearTimeout(timer.current);
    if (toast.tone === 'info' && !toast.stays) timer.current = setTimeout(() => closeToast(toast.id), TOAST_MS);
  };
  const hold = () => clearTimeout(timer.current);
  useEffect(() => {
    if (toast.tone === 'info' && !toast.stays) timer.current = setTimeout(() => closeToast(toast.id), TOAST_MS);
    return () => clearTimeout(timer.current);
  }, [toast]);
  const { action } = toast;
  return (
    <div className={`${styles.toast} ${styles[toast.tone]}`} onPointerEnter={hold} onPointerLeave={wait} onFocus={hold} onBlur={wait}>
      <div className={styles.text}>
        <p>{toast.text}</p>
        {toast.detail && <p className={styles.detail}>{toast.detail}</p>}
      </div>
      {action && (
        <Button
          onClick={() => {
            action.run();
            closeToast(toast.id);
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon={X} label={t('closeToast')} onClick={() => closeToast(toast.id)} />
    </div>
  );
}

/** What screen readers hear. */
export function LiveRegions() {
  const { polite, assertive } = useAnnouncer();
  return (
    <>
      <div className={styles.aloud} role="status" aria-live="polite">
        {polite}
      </div>
      <div className={styles.aloud} role="alert">
        {assertive}
      </div>
    </>
  );
}
