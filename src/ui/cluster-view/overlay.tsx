/**
 * What lies above the canvas in the same coordinates: headers of boxes and the contents of tiles. The element that holds them is
 * moved by the graph, frame by frame; only contents are React's. Hidden from screen readers: the text twin says the same.
 */
import { Clock, Flag, Funnel, Shield, Ticket } from 'lucide-react';
import { memo } from 'react';
import { useText } from '../i18n/text.ts';
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { allocatable, cpuText, memoryShare, nodeState } from '../model/node-state.ts';
import { POD_STATES } from '../model/pod-state.ts';
import { readyText } from './scene-strip.ts';
import { SIZES } from './scene.ts';
import { LETTERS, shortName } from '../model/ownership.ts';
import { PodGlyph } from '../widgets/pod-glyph.tsx';
import styles from './overlay.module.css';
import type { LucideIcon } from 'lucide-react';
import type { Amounts } from '../model/node-state.ts';
import type { Tile } from './aggregate.ts';
import type { Scene, SceneBox, SceneItem } from './scene.ts';
import type { Node } from '../../api/generated/types.ts';

/** Amounts asked for, by node name. */
export type Usage = ReadonlyMap<string, Amounts>;

const place = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }) => ({ left: x, top: y, width, height });

const Bar = memo(function Bar({ label, used, total, text }: { label: string; used: number; total: number; text: string }) {
  const share = total > 0 ? Math.min(1, used / total) : 0;
  return (
    <span className={styles.meter}>
      <span className={styles.meterText}>
        <span>{label}</span> <span className={styles.amount}>{text}</span>
      </span>
      <span className={styles.track}>
        <span className={share > 0.9 ? styles.full : styles.used} style={{ width: `${String(share * 100)}%` }} />
      </span>
    </span>
  );
});

const GLYPHS = { ready: '✓', notReady: '✕', unknown: '?' } as const;

const NodeHeader = memo(function NodeHeader({ node, cpu, memory, control }: { node: Node; cpu: number; memory: number; control: boolean }) {
  const t = useText(clusterViewText);
  const state = nodeState(node);
  const total = allocatable(node);
  return (
    <>
      <span className={styles.line}>
        <span className={styles.name}>{node.metadata.name}</span>
        {control && <span className={`${styles.tag} ${styles.role}`}>{t('control')}</span>}
        {node.spec?.unschedulable && <span className={styles.tag}>⊘ {t('cordoned')}</span>}
        <span className={`${styles.state} ${styles[state]}`}>
          <span className={styles.glyph}>{GLYPHS[state]}</span>
          {t(`node.${state === 'ready' ? 'ready' : 'notReady'}`)}
        </span>
      </span>
      <span className={styles.meters}>
        <Bar label={t('cpu')} used={cpu} total={total.cpu} text={`${String(Math.round(cpu / 100) / 10)}/${cpuText(total.cpu)}`} />
        <Bar label={t('memory')} used={memory} total={total.memory} text={memoryShare(memory, total.memory)} />
      </span>
    </>
  );
});

function BoxHeader({ box, usage }: { box: SceneBox; usage: Usage }) {
  const t = useText(clusterViewText);
  if (box.node) {
    const { cpu = 0, memory = 0 } = usage.get(box.name) ?? {};
    return <NodeHeader node={box.node} cpu={cpu} memory={memory} control={box.control} />;
  }
  if (box.kind === 'tray') {
    return (
      <>
        <span className={styles.line}>
          <span className={styles.name}>{t('tray.title')}</span>
          {box.pods > 0 && <span className={styles.tag}>{box.pods}</span>}
        </span>
        {box.pods === 0 && <span className={styles.note}>✓ {t('tray.empty')}</span>}
      </>
    );
  }
  return (
    <span className={styles.line}>
      {box.owner && <span className={styles.letter}>{LETTERS[box.owner.kind] ?? '?'}</span>}
      <KindIcon kind={box.owner?.kind} />
      <span className={styles.name}>{box.owner ? box.name : t('loose')}</span>
      <span className={styles.amount}>{box.owner ? `${box.owner.kind} ${readyText(box.owner)}` : box.pods}</span>
    </span>
  );
}

const TileBody = memo(function TileBody({ tile }: { tile: Tile }) {
  const t = useText(clusterViewText);
  const present = POD_STATES.filter((state) => tile.states[state]).toReversed();
  return (
    <>
      <span className={styles.line}>
        <span className={styles.name}>
          {tile.owner === undefined ? t('everything') : shortName(tile.owner.split('/').at(-1) ?? '', 16)}
        </span>
        <span className={styles.amount}>
          {present
            .filter((state) => state !== 'running')
            .map((state) => (
              <span key={state} className={styles.few}>
                <PodGlyph state={state} size={14} />
                {tile.states[state]}
              </span>
            ))}
          <b>{tile.count}</b>
        </span>
      </span>
      <span className={styles.stack}>
        {present.map((state) => (
          <span key={state} className={styles[`fill-${state}`]} style={{ flexGrow: tile.states[state] }} />
        ))}
      </span>
    </>
  );
});

const Label = memo(function Label({
  text,
  top,
  left,
  width,
  selected,
}: {
  text: string;
  top: number;
  left: number;
  width: number;
  selected: boolean;
}) {
  return (
    <span className={selected ? `${styles.label} ${styles.chosen}` : styles.label} style={{ left: left - width / 2, top, width }}>
      {text}
    </span>
  );
});

const ICONS: Readonly<Record<string, LucideIcon>> = {
  Ingress: Funnel,
  NetworkPolicy: Shield,
  PersistentVolumeClaim: Ticket,
  Job: Flag,
  CronJob: Clock,
};

function KindIcon({ kind }: { kind: string | undefined }) {
  const Icon = kind === undefined ? undefined : ICONS[kind];
  return Icon ? <Icon className={styles.kind} size={14} strokeWidth={1.75} aria-hidden /> : null;
}

const Card = memo(function Card({
  kind,
  text,
  top,
  left,
  width,
  height,
}: {
  kind: string | undefined;
  text: string;
  top: number;
  left: number;
  width: number;
  height: number;
}) {
  const [name, note] = text.split('\n');
  return (
    <span className={styles.card} style={{ left: left - width / 2, top: top - height / 2, width, height }}>
      <b>
        <KindIcon kind={kind} />
        {name}
      </b>
      <span>{note}</span>
    </span>
  );
});

function ItemText({ item, selected }: { item: SceneItem; selected: boolean }) {
  const { kind, x, y, width, height, label } = item;
  if (kind === 'pod')
    return (
      <Label
        text={label}
        top={y + height / 2 + 4}
        left={x}
        width={width > SIZES.hexagon ? SIZES.large.width : SIZES.cell.width}
        selected={selected}
      />
    );
  if (kind === 'small' || kind === 'tile') return null;
  return <Card kind={item.object?.kind} text={label} top={y} left={x} width={width} height={height} />;
}

const isTile = (item: SceneItem): item is SceneItem & { tile: Tile } => item.tile !== undefined;

/** Headers and tiles of a scene. */
export const Overlay = memo(function Overlay({ scene, usage, selected }: { scene: Scene; usage: Usage; selected: string | undefined }) {
  return (
    <>
      {scene.boxes.map((box) => (
        <div key={box.id} className={styles.box} style={place(box)}>
          <BoxHeader box={box} usage={usage} />
          {box.stripY !== undefined && <span className={styles.strip} style={{ top: box.stripY }} />}
        </div>
      ))}
      {scene.items.map((item) => (
        <ItemText key={item.id} item={item} selected={item.id === selected} />
      ))}
      {scene.items.filter(isTile).map(({ tile, ...item }) => (
        <div key={tile.id} className={styles.tile} style={place({ ...item, x: item.x - item.width / 2, y: item.y - item.height / 2 })}>
          <TileBody tile={tile} />
        </div>
      ))}
    </>
  );
});
