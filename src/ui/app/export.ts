/** Downloads what the user made, as YAML that can be applied again. */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ClusterContextValue } from '../cluster/hooks.ts';
import type { shell } from '../i18n/en/shell.ts';
import type { Say } from '../i18n/text.ts';
import { showToast } from '../state/toasts.ts';

/** Hands a file to the browser. */
export function download(name: string, text: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Objects as one text of YAML documents. */
export async function yamlOf(objects: readonly KubernetesObject[]): Promise<string> {
  const { stringify } = await import('yaml');
  return objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}

/** Every object of the user as one file of YAML documents. */
export async function exportAll({ connection }: Pick<ClusterContextValue, 'connection'>, t: Say<typeof shell>): Promise<void> {
  try {
    const { objects } = await connection.control('export', {});
    if (objects.length === 0) {
      showToast({ text: t('nothingToExport') });
      return;
    }
    download('kubarium.yaml', await yamlOf(objects), 'application/yaml');
    showToast({ text: t('exported', { n: objects.length }) });
  } catch (error) {
    showToast({ tone: 'error', text: t('exportFailed'), detail: error instanceof Error ? error.message : String(error) });
  }
}
