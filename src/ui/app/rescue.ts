/** What can be done with the copy of a damaged cluster: its manifests in the editor, its records as a file. */
import type { ClusterContextValue } from '../cluster/hooks.ts';
import type { shell } from '../i18n/en/shell.ts';
import type { Say } from '../i18n/text.ts';
import { openInEditor } from '../state/documents.ts';
import { showToast } from '../state/toasts.ts';
import { download, yamlOf } from './export.ts';

type Connection = Pick<ClusterContextValue, 'connection'>;

const failed = (t: Say<typeof shell>, error: unknown): void =>
  showToast({ tone: 'error', text: t('rescueFailed'), detail: error instanceof Error ? error.message : String(error) });

/** Opens the manifests that can still be read in the editor; nothing is applied. */
export async function rescueManifests({ connection }: Connection, copy: string, t: Say<typeof shell>): Promise<void> {
  try {
    const { objects } = await connection.control('rescue', { copy });
    if (objects.length === 0) return showToast({ text: t('nothingRescued') });
    await openInEditor(await yamlOf(objects), 'rescued.yaml');
    showToast({ text: t('rescued', { n: objects.length }) });
  } catch (error) {
    failed(t, error);
  }
}

/** Downloads everything that the copy holds, as JSON. */
export async function downloadDamaged({ connection }: Connection, copy: string, t: Say<typeof shell>): Promise<void> {
  try {
    const { raw } = await connection.control('rescue', { copy });
    download(`${copy.replaceAll(':', '-')}.json`, raw, 'application/json');
  } catch (error) {
    failed(t, error);
  }
}
