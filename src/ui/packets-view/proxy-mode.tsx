/** The cluster's proxy mode, and the way to change it while it runs: every kube-proxy reads its ConfigMap and writes its rules anew. */
import type { ConfigMap } from '../../api/generated/types.ts';
import { useCluster, useObject } from '../cluster/hooks.ts';
import type { ResourceRef } from '../cluster/live-store.ts';
import { objectActionsText } from '../i18n/areas/object-actions.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { attempt } from '../state/attempt.ts';
import { showToast } from '../state/toasts.ts';
import { noteUndo, takeBack } from '../state/undo.ts';
import { modeIn, PROXY_CONFIG, PROXY_MODES, withMode } from './proxy-mode-text.ts';
import styles from './panel.module.css';

const CONFIG_MAPS: ResourceRef<ConfigMap> = { group: '', version: 'v1', plural: 'configmaps' };
const { namespace, name, key } = PROXY_CONFIG;

/** The mode in the configuration; undefined without one. */
export function useProxyMode(): string | undefined {
  const text = useObject(CONFIG_MAPS, namespace, name)?.data?.[key];
  return text === undefined ? undefined : modeIn(text);
}

/** The choice; nothing in a cluster without kube-proxy. */
export function ProxyMode() {
  const t = useText(packetsText);
  const say = useText(objectActionsText);
  const { actions } = useCluster();
  const text = useObject(CONFIG_MAPS, namespace, name)?.data?.[key];
  if (text === undefined) return null;
  const write = (next: string) => actions.patch(CONFIG_MAPS, namespace, name, { data: { [key]: next } });
  const change = async (mode: string) => {
    await write(withMode(text, mode));
    const done = t('proxyMode.changed', { mode });
    const id = noteUndo(done, () => write(text));
    showToast({ text: done, action: { label: say('undo'), run: () => attempt(takeBack(id)) } });
  };
  return (
    <label className={styles.field} title={t('proxyMode.hint')}>
      <span>{t('proxyMode')}</span>
      <select value={modeIn(text)} onChange={(event) => attempt(change(event.target.value))}>
        {PROXY_MODES.map((mode) => (
          <option key={mode}>{mode}</option>
        ))}
      </select>
    </label>
  );
}
