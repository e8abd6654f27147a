/** What the pointer is at, in a few lines. */
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { useText } from '../i18n/text.ts';
import { podSummary } from '../model/pod-state.ts';
import { countsText } from './words.ts';
import type { Scene } from './scene.ts';
import type { Pod } from '../../api/generated/types.ts';

/** The lines for a thing; boxes need none, for their header says all. */
export function ThingTooltip({ scene, id }: { scene: Scene; id: string }) {
  const t = useText(clusterViewText);
  const item = scene.items.find((one) => one.id === id);
  if (!item) return null;
  if (item.tile) return <b>{countsText(t, item.tile.count, item.tile.states)}</b>;
  if (!item.object || !item.state) return item.object ? <b>{item.object.metadata.name}</b> : null;
  const { text, ready, total, restarts } = podSummary(item.object as Pod);
  return (
    <>
      <b>{item.object.metadata.name}</b>
      <br />
      {t(`state.${item.state}`)} · {text} · {ready}/{total}
      {restarts > 0 && ` · ${t('restarts', { n: restarts })}`}
    </>
  );
}
