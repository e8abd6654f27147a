/** The picture: canvas, overlay, tooltip and keyboard. A chunk of its own, for Cytoscape comes with it. */
import { Maximize, Minus, Plus } from 'lucide-react';
import { useEffect, useEffectEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { ClusterGraph } from './graph.ts';
import { alongEdge, walk } from './keys.ts';
import { Overlay } from './overlay.tsx';
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { useText } from '../i18n/text.ts';
import { IconButton } from '../widgets/button.tsx';
import { useMotion, usePalette } from '../widgets/use-look.ts';
import styles from './picture.module.css';
import type { GraphEvents } from './graph.ts';
import type { MotionTimes } from './graph-motion.ts';
import type { Step } from './keys.ts';
import type { Scene } from './scene.ts';
import type { Usage } from './overlay.tsx';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';

const MOTION: MotionTimes = { create: 200, move: 300, leave: 200, travels: true };
/** With reduced motion nothing travels: what comes, goes or is elsewhere is faded over. */
const CALM: MotionTimes = { create: 120, move: 120, leave: 120, travels: false };
const STEPS: Record<string, Step> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
};

interface PictureProps {
  scene: Scene;
  usage: Usage;
  /** How large things are drawn, unless somebody zooms. */
  scale: number;
  /** What is shown; a change begins a new picture at its upper left corner. */
  subject: string;
  selected: string | undefined;
  /** The picture in words. */
  summary: string;
  /** A thing in one line, for the live region. */
  describe(id: string): string;
  /** A thing's tooltip. */
  tooltip(id: string): ReactNode;
  onSelect(id: string | undefined): void;
  /** Looks inside a thing. */
  onOpen(id: string): void;
  /** Opens the actions at a place in the picture. */
  onMenu(id: string, at: { x: number; y: number }): void;
  onWidth(width: number): void;
}

/** The picture of a scene. */
export function Picture(props: PictureProps) {
  const { scene, usage, scale, subject, selected, summary } = props;
  const t = useText(clusterViewText);
  const palette = usePalette();
  const moves = useMotion();
  const helpId = useId();
  const host = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const graph = useRef<ClusterGraph | undefined>(undefined);
  const shownSubject = useRef<string | undefined>(undefined);
  const previous = useRef<string | undefined>(undefined);
  const [cursor, setCursor] = useState<string | undefined>(undefined);
  const [hover, setHover] = useState<{ id: string; x: number; y: number } | undefined>(undefined);
  const [said, setSaid] = useState('');

  const onTap = useEffectEvent((id?: string) => {
    setCursor(undefined);
    props.onSelect(id);
  });
  const onOpen = useEffectEvent((id: string) => props.onOpen(id));
  const onMenu = useEffectEvent((id: string, at: { x: number; y: number }) => props.onMenu(id, at));
  const firstPalette = useRef(palette);
  const onWidth = useEffectEvent((width: number) => props.onWidth(width));

  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const events: GraphEvents = {
      onView: ({ x, y, zoom }) => {
        if (layer.current) layer.current.style.transform = `translate(${String(x)}px, ${String(y)}px) scale(${String(zoom)})`;
      },
      onTap: (id) => onTap(id),
      onOpen: (id) => onOpen(id),
      onMenu: (id, at) => onMenu(id, at),
      onHover: (id, at) => setHover(id === undefined ? undefined : { id, ...at }),
    };
    const made = new ClusterGraph(element, firstPalette.current, events);
    graph.current = made;
    let width = 0;
    const observer = new ResizeObserver(() => {
      made.resize();
      // The scroll of a dock that opens must not lay the picture out anew in every frame: widths count in steps.
      const now = Math.round(element.clientWidth / 8) * 8;
      if (now !== width) onWidth((width = now));
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      graph.current = undefined;
      shownSubject.current = undefined;
    };
  }, []);

  useLayoutEffect(() => {
    graph.current?.setPalette(palette);
  }, [palette]);
  useLayoutEffect(() => {
    const made = graph.current;
    if (!made) return;
    const fresh = shownSubject.current !== subject;
    made.scale = scale;
    made.draw(scene, fresh ? undefined : moves ? MOTION : CALM);
    made.mark(selected, cursor);
    if (fresh && scene.boxes.length) {
      made.home();
      shownSubject.current = subject;
    }
  }, [scene, subject, selected, cursor, moves, palette, scale]);
  useEffect(() => {
    if (selected !== undefined) graph.current?.reveal(selected);
  }, [selected]);

  const go = (id: string | undefined) => {
    if (id === undefined) return;
    setCursor(id);
    setSaid(props.describe(id));
    graph.current?.reveal(id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    const at = cursor ?? selected;
    if (step) go(walk(scene, at, step));
    else if (event.key === 'e') {
      const next = alongEdge(scene, at, previous.current);
      previous.current = at;
      go(next);
    } else if (event.key === 'Enter' && at !== undefined) props.onSelect(at);
    else if (event.key === '.' && at !== undefined) props.onMenu(at, graph.current?.placeOf(at) ?? { x: 0, y: 0 });
    else if (event.key === '+' || event.key === '=') graph.current?.zoomBy(1.25);
    else if (event.key === '-') graph.current?.zoomBy(0.8);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.frame}>
      <div
        className={styles.stage}
        role="application"
        tabIndex={0}
        aria-label={`${t('label')}. ${summary}`}
        aria-describedby={helpId}
        onKeyDown={onKeyDown}
        onBlur={() => setCursor(undefined)}
      >
        <div ref={host} className={styles.canvas} aria-hidden="true" />
        <div className={styles.clip} aria-hidden="true">
          <div ref={layer} className={styles.layer}>
            <Overlay scene={scene} usage={usage} selected={selected} />
          </div>
        </div>
        {hover && <Tooltip at={hover}>{props.tooltip(hover.id)}</Tooltip>}
      </div>
      <p id={helpId} className={styles.hidden}>
        {t('help')}
      </p>
      <p role="status" className={styles.hidden}>
        {said}
      </p>
      <ZoomButtons graph={graph} />
    </div>
  );
}

function ZoomButtons({ graph }: { graph: RefObject<ClusterGraph | undefined> }) {
  const t = useText(clusterViewText);
  return (
    <div className={styles.zoom}>
      <IconButton icon={Plus} look="normal" label={t('zoomIn')} onClick={() => graph.current?.zoomBy(1.25)} />
      <IconButton icon={Minus} look="normal" label={t('zoomOut')} onClick={() => graph.current?.zoomBy(0.8)} />
      <IconButton icon={Maximize} look="normal" label={t('fit.title')} onClick={() => graph.current?.fit()} />
    </div>
  );
}

function Tooltip({ at, children }: { at: { x: number; y: number }; children: ReactNode }) {
  if (!children) return null;
  return (
    <div className={at.y < 90 ? `${styles.tooltip} ${styles.below}` : styles.tooltip} style={{ left: at.x, top: at.y }} aria-hidden="true">
      {children}
    </div>
  );
}
