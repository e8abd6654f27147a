/**
 * View 1, the cluster: its nodes and pods as a picture or as text, from the whole cluster down to one container. The picture
 * itself is a chunk of its own (picture.tsx).
 */
import { lazy, Suspense, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { useConnectionState } from '../cluster/hooks.ts';
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { requestsByNode } from '../model/node-state.ts';
import { isInView } from '../model/system-namespaces.ts';
import { useUiState } from '../state/ui-state.ts';
import { EmptyState } from '../widgets/empty-state.tsx';
import { deeper, higher } from './levels.ts';
import { ContainerLevel, PodLevel } from './pod-level.tsx';
import { sceneByNode } from './scene-by-node.ts';
import { sceneByOwner } from './scene-by-owner.ts';
import { NO_MEMORY, refKey, sceneKey } from './scene.ts';
import { TextTwin } from './text-twin.tsx';
import { ThingTooltip } from './tooltip.tsx';
import { Toolbar } from './toolbar.tsx';
import { useViewObjects } from './use-objects.ts';
import { usePictureScale, useViewState } from './view-state.ts';
import { describeThing, summary } from './words.ts';
import styles from './panel.module.css';
import type { Scene, SceneInput, SceneMemory } from './scene.ts';
import type { ViewObjects } from './use-objects.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod } from '../../api/generated/types.ts';

// The menu brings all kinds with it.
const ActionMenu = lazy(async () => ({ default: (await import('../widgets/action-menu.tsx')).ActionMenu }));
const Picture = lazy(async () => ({ default: (await import('./picture.tsx')).Picture }));

/** The object a key names, among those of the view. */
function find(objects: ViewObjects, id: string): KubernetesObject | undefined {
  const kind = id.slice(0, id.indexOf('/'));
  const lists: Record<string, readonly KubernetesObject[]> = { Pod: objects.pods, Node: objects.nodes, Service: objects.services };
  return (lists[kind] ?? [...objects.workloads, ...objects.related]).find((object) => sceneKey(object) === id);
}

function wanted(pods: readonly Pod[], filter: string): readonly Pod[] {
  const text = filter.trim().toLowerCase();
  return text ? pods.filter(({ metadata }) => metadata.name.includes(text)) : pods;
}

/** After this without a change, ms, boxes give back rows that they no longer need: while things move, they keep them. */
const TIDY_MS = 4000;

/** The scene of the objects; places stay from one to the next as long as the same subject is shown. */
function useScene(input: Omit<SceneInput, 'words'>, subject: string): Scene {
  const t = useText(clusterViewText);
  const language = useLanguage();
  const memory = useRef<{ subject: string; memory: SceneMemory; tidied: number }>({ subject: '', memory: NO_MEMORY, tidied: 0 });
  const [tidied, tidy] = useReducer((count: number) => count + 1, 0);
  const { nodes, pods, workloads, index, services, slices, related, namespace, system, arrangement, focus, width, selected } = input;
  useEffect(() => {
    const timer = setTimeout(tidy, TIDY_MS);
    return () => clearTimeout(timer);
  }, [pods]);
  return useMemo(() => {
    const words = { endpoints: (n: number) => t('endpoints', { n }), more: (n: number) => t('more', { count: formatNumber(language, n) }) };
    const shown = { namespace, system, arrangement, focus, width, selected, words };
    const given = { nodes, pods, workloads, index, services, slices, related, ...shown };
    const kept = memory.current.subject === subject ? memory.current.memory : NO_MEMORY;
    const before = memory.current.tidied === tidied ? kept : { ...kept, rows: NO_MEMORY.rows };
    const made = arrangement === 'owner' && focus === undefined ? sceneByOwner(given, before) : sceneByNode(given, before);
    memory.current = { subject, memory: made.memory, tidied };
    return made.scene;
  }, [
    nodes,
    pods,
    workloads,
    index,
    services,
    slices,
    related,
    namespace,
    system,
    arrangement,
    focus,
    width,
    selected,
    subject,
    t,
    language,
    tidied,
  ]);
}

/** Levels change with [ and ], wherever in the view the focus is. */
function useLevelKeys(onLevel: (by: 1 | -1) => void): void {
  const latest = useRef(onLevel);
  useEffect(() => {
    latest.current = onLevel;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const by = { '[': -1, ']': 1 }[event.key];
      const inText =
        event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable=true], .monaco-editor, .xterm');
      if (by === undefined || event.defaultPrevented || inText || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!useUiState.getState().singleKeys || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      latest.current(by === 1 ? 1 : -1);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** The panel. */
export function Panel() {
  const t = useText(clusterViewText);
  const all = useViewObjects();
  const { phase } = useConnectionState();
  const { selection, select, namespace } = useUiState();
  const { focus, arrangement, mode, system, filter, set } = useViewState();
  const [room, setRoom] = useState(0);
  const scale = usePictureScale();
  const width = Math.floor(room / scale);
  const [menu, setMenu] = useState<{ id: string; x: number; y: number } | undefined>(undefined);
  const [, refresh] = useReducer((count: number) => count + 1, 0);
  const pods = useMemo(() => wanted(all.pods, filter), [all.pods, filter]);
  const selected = selection && refKey(selection);
  const inside = focus.level === 'pod' || focus.level === 'container';
  const node = focus.level === 'node' ? focus.node : undefined;
  const subject = [arrangement, node ?? '', namespace ?? '', filter, system, width].join('|');
  const scene = useScene(
    { ...all, pods, namespace, system: system ? 'small' : 'hidden', arrangement, focus: node, width, selected },
    subject,
  );
  const usage = useMemo(() => requestsByNode(all.pods), [all.pods]);
  const shown = useMemo(
    () =>
      pods.filter(
        (pod) => (isInView(pod, namespace) || (namespace === undefined && system)) && (node === undefined || pod.spec.nodeName === node),
      ),
    [pods, namespace, system, node],
  );
  const text = useMemo(() => summary(t, all, shown, namespace), [t, all, shown, namespace]);

  const onLevel = (by: 1 | -1) => set({ focus: by === 1 ? deeper(focus, selection, all) : higher(focus) });
  useLevelKeys(onLevel);
  const onSelect = (id: string | undefined) => {
    const tile = scene.items.find((item) => item.id === id)?.tile;
    if (tile && tile.owner === undefined)
      set({ mode: 'text', focus: tile.box.startsWith('Node//') ? { level: 'node', node: tile.box.slice(6) } : focus });
    if (id === 'more') set({ mode: 'text' });
    const object = id === undefined ? undefined : find(all, tile?.owner ?? id);
    if (object || id === undefined) pick(object);
  };
  const pick = (object: KubernetesObject | undefined) => {
    const { apiVersion, kind, metadata } = object ?? {};
    select(
      apiVersion && kind && metadata
        ? { apiVersion, kind, name: metadata.name, ...(metadata.namespace && { namespace: metadata.namespace }) }
        : undefined,
      true,
    );
  };
  const onOpen = (id: string) => {
    const object = find(all, id);
    if (object?.kind === 'Node') set({ focus: { level: 'node', node: object.metadata.name } });
    else if (object?.kind === 'Pod')
      set({ focus: deeper({ level: 'node' }, { ...object, name: object.metadata.name, namespace: object.metadata.namespace }, all) });
  };
  const pod = inside && focus.pod ? (find(all, refKey({ kind: 'Pod', ...focus.pod })) as Pod | undefined) : undefined;
  const menuObject = menu && find(all, menu.id);
  const nothing = all.synced && phase === 'ready' && all.nodes.length === 0;
  return (
    <div className={styles.panel} data-menu-frame="">
      <Toolbar canGoDeeper={deeper(focus, selection, all) !== focus} onLevel={onLevel} />
      {inside ? (
        pod ? (
          focus.level === 'container' && focus.container !== undefined ? (
            <ContainerLevel pod={pod} name={focus.container} />
          ) : (
            <PodLevel pod={pod} onOpen={(container) => set({ focus: { ...focus, level: 'container', container } })} />
          )
        ) : (
          <EmptyState title={t('container.gone')} />
        )
      ) : mode === 'text' ? (
        <TextTwin
          objects={all}
          pods={shown}
          arrangement={arrangement}
          namespace={namespace}
          selected={selected}
          summary={text}
          onSelect={pick}
          onMenu={(id, at) => setMenu({ id, ...at })}
        />
      ) : (
        <Suspense fallback={<div className={styles.wait} />}>
          <Picture
            scene={scene}
            usage={usage}
            scale={scale}
            subject={subject}
            selected={selected}
            summary={text}
            describe={(id) => describeThing(t, scene, id)}
            tooltip={(id) => <ThingTooltip scene={scene} id={id} />}
            onSelect={onSelect}
            onOpen={onOpen}
            onMenu={(id, at) => setMenu({ id, x: at.x, y: at.y + 40 })}
            onWidth={(now) => {
              setRoom(now - 24);
              refresh();
            }}
          />
        </Suspense>
      )}
      {nothing && <EmptyState title={t('empty.title')}>{t('empty.hint')}</EmptyState>}
      {menu && menuObject && (
        <Suspense fallback={null}>
          <ActionMenu
            object={menuObject}
            at={menu}
            label={t('actions', { name: menuObject.metadata.name })}
            onClose={() => setMenu(undefined)}
          />
        </Suspense>
      )}
    </div>
  );
}
