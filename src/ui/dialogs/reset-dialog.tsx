/** Before a fresh start: what would be lost. */
import type { DialogProps } from '../app/app.tsx';
import { useText } from '../i18n/text.ts';
import { dialogsText } from '../i18n/areas/dialogs.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button } from '../widgets/button.tsx';
import { Dialog } from '../widgets/dialog.tsx';
import { ReplaceNote } from './replace-note.tsx';
import { useCluster } from '../cluster/hooks.ts';
import { showToast } from '../state/toasts.ts';

/** The dialog. */
export function ResetDialog({ onClose }: DialogProps) {
  const t = useText(dialogsText);
  const { actions } = useCluster();
  const start = async () => {
    try {
      await actions.reset();
      const { select, set } = useUiState.getState();
      select(undefined);
      set({ welcomed: false, namespace: undefined, openedLink: undefined });
      onClose();
    } catch (error) {
      showToast({ tone: 'error', text: t('openFailed'), detail: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <Dialog
      title={t('resetTitle')}
      width="narrow"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" onClick={() => void start()}>
            {t('resetNow')}
          </Button>
        </>
      }
    >
      <p>{t('resetText')}</p>
      <ReplaceNote />
    </Dialog>
  );
}
