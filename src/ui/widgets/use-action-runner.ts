/** Carries out an action on an object and says what became of it, with a way back where there is one. */
import { useCallback } from 'react';
import { StatusError } from '../../apimachinery/status.ts';
import { useCluster } from '../cluster/hooks.ts';
import { objectActionsText } from '../i18n/areas/object-actions.ts';
import { useText } from '../i18n/text.ts';
import { noteUndo, takeBack } from '../state/undo.ts';
import { showToast } from '../state/toasts.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ObjectAction } from '../model/object-actions.ts';

const failed = (error: unknown): void =>
  showToast({
    tone: 'error',
    text: error instanceof StatusError ? (error.status.reason ?? '') : 'Error',
    detail: error instanceof Error ? error.message : String(error),
  });

/** The function that runs actions. */
export function useActionRunner(): (action: ObjectAction, object: KubernetesObject) => void {
  const t = useText(objectActionsText);
  const { actions, session } = useCluster();
  return useCallback(
    (action, object) => {
      const { name } = object.metadata;
      action
        .run(actions, session.clock()?.now ?? 0)
        .then(() => {
          const { undo } = action;
          const noted = undo && noteUndo(t('labelled', { action: t(action.id), name }), () => undo(actions));
          showToast({
            text: t(`done.${action.id}`, { name }),
            detail: action.command,
            ...(noted !== undefined && { action: { label: t('undo'), run: () => void takeBack(noted).catch(failed) } }),
          });
        })
        .catch(failed);
    },
    [actions, session, t],
  );
}
