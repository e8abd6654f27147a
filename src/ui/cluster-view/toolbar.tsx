/** The bar above the picture: breadcrumb of levels, arrangement, picture or text, system pods, filter. */
import { ChevronRight, ChevronsDown, ChevronsUp } from 'lucide-react';
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { useText } from '../i18n/text.ts';
import { IconButton } from '../widgets/button.tsx';
import { Choice } from '../widgets/choice.tsx';
import { useViewState } from './view-state.ts';
import styles from './toolbar.module.css';
import type { Focus } from './view-state.ts';

/** The names along the way to what is looked at, each with the focus that leads back there. */
function crumbs(focus: Focus, cluster: string): { label: string; focus: Focus }[] {
  const { node, pod, container } = focus;
  const trail: { label: string; focus: Focus }[] = [{ label: cluster, focus: { level: 'cluster' } }];
  if (focus.level !== 'cluster' && node !== undefined) trail.push({ label: node, focus: { level: 'node', node } });
  if ((focus.level === 'pod' || focus.level === 'container') && pod) trail.push({ label: pod.name, focus: { level: 'pod', node, pod } });
  if (focus.level === 'container' && container !== undefined) trail.push({ label: container, focus });
  return trail;
}

/** The bar. */
export function Toolbar({ canGoDeeper, onLevel }: { canGoDeeper: boolean; onLevel(by: 1 | -1): void }) {
  const t = useText(clusterViewText);
  const { focus, arrangement, mode, system, filter, set } = useViewState();
  const inside = focus.level === 'pod' || focus.level === 'container';
  const trail = crumbs(focus, t('level.cluster'));
  return (
    <div className={styles.bar}>
      <nav aria-label={t('level')} className={styles.crumbs}>
        <ol>
          {trail.map(({ label, focus: to }, index) => (
            <li key={label}>
              {index > 0 && <ChevronRight size={14} strokeWidth={1.5} aria-hidden />}
              {index === trail.length - 1 ? (
                <b aria-current="true">{label}</b>
              ) : (
                <button onClick={() => set({ focus: to })}>{label}</button>
              )}
            </li>
          ))}
        </ol>
        <IconButton icon={ChevronsUp} label={t('higher')} disabled={focus.level === 'cluster'} onClick={() => onLevel(-1)} />
        <IconButton icon={ChevronsDown} label={t('deeper')} disabled={!canGoDeeper} onClick={() => onLevel(1)} />
      </nav>
      <span className={styles.space} />
      {!inside && (
        <>
          <input
            className={styles.filter}
            type="search"
            data-filter=""
            placeholder={t('filter')}
            aria-label={t('filter')}
            value={filter}
            onChange={(event) => set({ filter: event.target.value })}
          />
          <label className={styles.check} title={t('system.title')}>
            <input type="checkbox" checked={system} onChange={(event) => set({ system: event.target.checked })} />
            {t('system')}
          </label>
          <Choice
            label={t('arrange.label')}
            value={arrangement}
            options={[
              { value: 'node', label: t('arrange.node') },
              { value: 'owner', label: t('arrange.owner') },
            ]}
            onChange={(value) => set({ arrangement: value })}
          />
          <Choice
            label={t('show.label')}
            value={mode}
            options={[
              { value: 'picture', label: t('show.picture') },
              { value: 'text', label: t('show.text') },
            ]}
            onChange={(value) => set({ mode: value })}
          />
        </>
      )}
    </div>
  );
}
