/** The explorer: what exists in the chosen namespace, kind by kind with live counts. Kinds without objects are left out. */
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod } from '../../api/generated/types.ts';
import { useList } from '../cluster/hooks.ts';
import { useText } from '../i18n/text.ts';
import { explorerText } from '../i18n/areas/explorer.ts';
import { podSummary } from '../model/pod-state.ts';
import type { PodState } from '../model/pod-state.ts';
import type { PanelProps } from '../panels.ts';
import { useUiState } from '../state/ui-state.ts';
import { GROUPS } from './kinds.ts';
import type { ExplorerKind } from './kinds.ts';
import styles from './explorer.module.css';

/** More objects of a kind than this are not listed one by one. */
const MOST = 200;

/** The panel. */
export function Panel(_props: PanelProps) {
  const t = useText(explorerText);
  const [filter, setFilter] = useState('');
  return (
    <div className={styles.explorer}>
      <input
        className={styles.filter}
        type="search"
        data-filter
        value={filter}
        placeholder={t('filter')}
        aria-label={t('filter')}
        onChange={(event) => setFilter(event.target.value)}
      />
      {GROUPS.map(({ key, kinds }) => (
        <section key={key} className={styles.group} aria-label={t(key)}>
          <h2 className={styles.title}>{t(key)}</h2>
          {kinds.map((kind) => (
            <Kind key={kind.kind} kind={kind} filter={filter.trim().toLowerCase()} />
          ))}
        </section>
      ))}
    </div>
  );
}

function Kind({ kind, filter }: { kind: ExplorerKind; filter: string }) {
  const t = useText(explorerText);
  const namespace = useUiState((state) => state.namespace);
  const clusterScoped = CLUSTER_SCOPED.has(kind.kind);
  const { items } = useList(kind.resource, clusterScoped ? {} : { namespace });
  const [open, setOpen] = useState(kind.kind === 'Deployment' || kind.kind === 'Node');
  const found = filter ? items.filter(({ metadata }) => metadata.name.includes(filter)) : items;
  if (found.length === 0) return null;
  const shown = open || filter !== '';
  const Mark = shown ? ChevronDown : ChevronRight;
  return (
    <div>
      <button type="button" className={styles.kind} aria-expanded={shown} onClick={() => setOpen(!open)}>
        <Mark size={14} strokeWidth={1.5} aria-hidden />
        <span>{kind.kind}</span>
        <span className={styles.count}>{found.length}</span>
      </button>
      {shown && (
        <ul>
          {sorted(found)
            .slice(0, MOST)
            .map((object) => (
              <Line key={object.metadata.uid} kind={kind} object={object} showNamespace={namespace === undefined && !clusterScoped} />
            ))}
          {found.length > MOST && <li className={styles.more}>{t('more', { n: found.length - MOST })}</li>}
        </ul>
      )}
    </div>
  );
}

const CLUSTER_SCOPED = new Set(['Node', 'Namespace', 'PersistentVolume', 'StorageClass', 'Fault', 'Image']);

/** Own objects before the system's, then by name. Very long lists stay as they came: sorting them at every change would cost frames. */
function sorted(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  if (objects.length > 5 * MOST) return objects;
  const rank = ({ metadata }: KubernetesObject) => (metadata.namespace?.startsWith('kube-') ? 1 : 0);
  return [...objects].sort((a, b) => rank(a) - rank(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
}

function Line({ kind, object, showNamespace }: { kind: ExplorerKind; object: KubernetesObject; showNamespace: boolean }) {
  const { name, namespace } = object.metadata;
  const { apiVersion } = kind;
  const selected = useUiState(
    ({ selection }) => selection?.kind === kind.kind && selection.name === name && selection.namespace === namespace,
  );
  const select = useUiState((state) => state.select);
  return (
    <li>
      <button
        type="button"
        className={styles.line}
        aria-current={selected}
        title={namespace ? `${namespace}/${name}` : name}
        onClick={() => select({ apiVersion, kind: kind.kind, namespace, name }, true)}
      >
        {kind.kind === 'Pod' && <PodMark pod={object as Pod} />}
        <span className={styles.name}>{name}</span>
        {showNamespace && namespace !== 'default' && <span className={styles.namespace}>{namespace}</span>}
      </button>
    </li>
  );
}

/** A sign for each state, so that colour is never alone. */
const GLYPHS: Record<PodState, string> = {
  running: '✓',
  notReady: '◐',
  pending: '…',
  failed: '✕',
  succeeded: '■',
  terminating: '↓',
  unknown: '?',
};

function PodMark({ pod }: { pod: Pod }) {
  const { state, text } = podSummary(pod);
  return (
    <span className={`${styles.mark} ${styles[state]}`} role="img" aria-label={text} title={text}>
      {GLYPHS[state]}
    </span>
  );
}
