/** Writes weights or a whole profile into the scheduler's configuration, with a way back. */
import { ConfigMapResource } from '../../api/core/config-map.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { objectActionsText } from '../i18n/areas/object-actions.ts';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { schedulerLabText } from '../i18n/areas/scheduler-lab.ts';
import { useText } from '../i18n/text.ts';
import { attempt } from '../state/attempt.ts';
import { showToast } from '../state/toasts.ts';
import { noteUndo, takeBack } from '../state/undo.ts';
import { SETTINGS, withProfile, withWeights } from './profile-text.ts';
import type { ConfigMap } from '../../api/generated/types.ts';
import type { ClusterConnection } from '../cluster/connection.ts';

const { group, version, plural: resource } = ConfigMapResource;
const { namespace, name, key } = SETTINGS;

async function settings(connection: ClusterConnection): Promise<ConfigMap | undefined> {
  try {
    return (await connection.request({ verb: 'get', group, version, resource, namespace, name })).object as ConfigMap;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function write(connection: ClusterConnection, text: string | null, exists: boolean): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { [key]: text } };
  const where = { group, version, resource, namespace };
  if (exists) await connection.request({ ...where, verb: 'patch', name, patchType: 'merge', body: { data: { [key]: text } } });
  else await connection.request({ ...where, verb: 'create', body });
}

/** Changes the text of the configuration, says so, and offers the way back. A failure is shown. */
function useChange(connection: ClusterConnection): (text: string, change: (before: string) => string) => void {
  const say = useText(objectActionsText);
  return (text, change) => {
    const apply = async () => {
      const map = await settings(connection);
      const before = map?.data?.[key];
      await write(connection, change(before ?? ''), map !== undefined);
      const id = noteUndo(text, () => write(connection, before ?? null, true));
      showToast({ text, action: { label: say('undo'), run: () => attempt(takeBack(id)) } });
    };
    attempt(apply());
  };
}

/** Sets weights of a profile. */
export function useApplyWeights(connection: ClusterConnection): (profile: string, weights: Readonly<Record<string, number>>) => void {
  const t = useText(schedulerText);
  const change = useChange(connection);
  return (profile, weights) => change(t('whatif.applied', { profile }), (before) => withWeights(before, profile, weights));
}

/** Has a scheduler use another profile from now on; `name` is what the reader knows it by. */
export function useApplyProfile(
  connection: ClusterConnection,
): (schedulerName: string, name: string, profile: Readonly<Record<string, unknown>>) => void {
  const t = useText(schedulerLabText);
  const change = useChange(connection);
  return (schedulerName, name, profile) =>
    change(t('past.used', { scheduler: schedulerName, profile: name }), (before) => withProfile(before, schedulerName, profile));
}
