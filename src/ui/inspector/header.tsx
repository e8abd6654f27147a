/** Kind, name, state and actions of the selected object. */
import { Minus, Play, Plus, Power, RefreshCw, ShieldBan, ShieldCheck, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useObject } from '../cluster/hooks.ts';
import { NODES } from '../cluster/resources.ts';
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { inspectorText } from '../i18n/areas/inspector.ts';
import { objectActionsText } from '../i18n/areas/object-actions.ts';
import { useText } from '../i18n/text.ts';
import { nodeState } from '../model/node-state.ts';
import { actionsFor } from '../model/object-actions.ts';
import { drawnState, podSummary } from '../model/pod-state.ts';
import { PodGlyph } from '../widgets/pod-glyph.tsx';
import { Looks } from './looks.tsx';
import { useActionRunner } from '../widgets/use-action-runner.ts';
import styles from './header.module.css';
import type { ActionId } from '../model/object-actions.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { LucideIcon } from 'lucide-react';

const ICONS: Record<ActionId, LucideIcon> = {
  scaleUp: Plus,
  scaleDown: Minus,
  restart: RefreshCw,
  cordon: ShieldBan,
  uncordon: ShieldCheck,
  stopNode: Power,
  startNode: Play,
  delete: Trash2,
};

function PodState({ pod }: { pod: Pod }) {
  const t = useText(clusterViewText);
  const node = useObject<Node>(NODES, undefined, pod.spec.nodeName);
  const state = drawnState(pod, node !== undefined && nodeState(node) === 'unknown');
  const { text, ready, total } = podSummary(pod);
  return (
    <span className={styles.state}>
      <PodGlyph state={state} size={20} />
      <b>{t(`state.${state}`)}</b>
      <span className={styles.muted}>
        {text} · {ready}/{total}
      </span>
    </span>
  );
}

const GLYPHS = { ready: '✓', notReady: '✕', unknown: '?' } as const;

function NodeStateLine({ node }: { node: Node }) {
  const t = useText(clusterViewText);
  const state = nodeState(node);
  return (
    <span className={`${styles.state} ${styles[state]}`}>
      <b>
        <span aria-hidden="true">{GLYPHS[state]}</span> {t(`node.${state}`)}
      </b>
      {node.spec?.unschedulable && <span className={styles.tag}>{t('cordoned')}</span>}
    </span>
  );
}

/** The header. The command that equals an action is shown while the action is pointed at, and by default that of the first one. */
export function Header({ object }: { object: KubernetesObject }) {
  const t = useText(inspectorText);
  const say = useText(objectActionsText);
  const run = useActionRunner();
  const actions = actionsFor(object);
  const [pointed, setPointed] = useState<ActionId | undefined>(undefined);
  const { name, namespace, deletionTimestamp } = object.metadata;
  const shown = actions.find(({ id }) => id === pointed) ?? actions[0];
  return (
    <header className={styles.header}>
      <p className={styles.kind}>
        {object.kind}
        {namespace && <span className={styles.muted}> · {namespace}</span>}
      </p>
      <h2 className={styles.name}>{name}</h2>
      {object.kind === 'Pod' && <PodState pod={object as Pod} />}
      {object.kind === 'Node' && <NodeStateLine node={object as Node} />}
      {deletionTimestamp !== undefined && object.kind !== 'Pod' && <span className={styles.tag}>↓ {t('deleting')}</span>}
      {actions.length > 0 && (
        <>
          <div className={styles.actions} role="group" aria-label={t('actions')}>
            {actions.map((action) => {
              const Icon = ICONS[action.id];
              return (
                <button
                  key={action.id}
                  type="button"
                  className={action.id === 'delete' ? `${styles.action} ${styles.danger}` : styles.action}
                  title={action.command}
                  onClick={() => run(action, object)}
                  onPointerEnter={() => setPointed(action.id)}
                  onFocus={() => setPointed(action.id)}
                >
                  <Icon size={16} strokeWidth={1.5} aria-hidden />
                  {say(action.id)}
                </button>
              );
            })}
          </div>
          {shown && (
            <p className={styles.command}>
              <span className={styles.hidden}>{t('actions.sameAs')}: </span>
              <code>$ {shown.command}</code>
            </p>
          )}
        </>
      )}
      <Looks object={object} />
    </header>
  );
}
