/** Carries out an action on an object and says what became of it, with a way back where there is one. */
import { useCallback } from 'react';
import { StatusError } from '../../apimachinery/status.ts';
import { useCluster } from '../cluster/hooks.ts';
import { objectActionsText } from '../i18n/areas/object-actions.ts';
import { useText } from '../i18n/text.ts';
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
      const { undo } = action;
      const back = undo && { label: t('undo'), run: () => void undo(actions).catch(failed) };
      action
        .run(actions, session.clock()?.now ?? 0)
        .then(() => {
          showToast({
            text: t(`done.${action.id}`, { name: object.metadata.name }),
            detail: action.command,
            ...(back && { action: back }),
          });
        })
        .catch(failed);
    },
    [actions, session, t],
  );
}
