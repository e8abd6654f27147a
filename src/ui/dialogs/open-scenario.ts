/** Starts a fresh cluster from a scenario, and remembers what it came from. */
import { useState } from 'react';
import { useCluster } from '../cluster/hooks.ts';
import { useText } from '../i18n/text.ts';
import { dialogsText } from '../i18n/areas/dialogs.ts';
import { showToast } from '../state/toasts.ts';
import { useUiState } from '../state/ui-state.ts';
import { PANELS } from '../panels.ts';
import type { ScenarioBundle } from '../../worker/protocol.ts';
import { scenarioOf } from '../../scenario/header.ts';

/** `open` is true when the cluster runs. */
export function useOpenScenario(): { open(bundle: ScenarioBundle, link?: string): Promise<boolean>; busy: boolean } {
  const t = useText(dialogsText);
  const { actions } = useCluster();
  const [busy, setBusy] = useState(false);
  const open = async (bundle: ScenarioBundle, link?: string) => {
    setBusy(true);
    try {
      await actions.reset(bundle);
      const { set, select } = useUiState.getState();
      select(undefined);
      const view = scenarioOf(bundle.objects)?.spec?.view?.panel;
      set({
        welcomed: true,
        namespace: undefined,
        openedLink: link,
        ...(PANELS.some((panel) => panel.place === 'view' && panel.id === view) && { view }),
      });
      return true;
    } catch (error) {
      showToast({ tone: 'error', text: t('openFailed'), detail: error instanceof Error ? error.message : String(error) });
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { open, busy };
}
