/**
 * The frame on a computer: top bar, view in the centre, docks around it, timeline at the bottom. Below 1,100 px the left dock's panels
 * become tabs of the right one, so that two columns remain.
 */
import { PanelBottomClose, PanelBottomOpen, PanelLeftClose, PanelLeftOpen, PanelRightClose, PanelRightOpen } from 'lucide-react';
import { Activity } from 'react';
import { useText } from '../i18n/text.ts';
import { panelsText } from '../i18n/areas/panels.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { panelsAt } from '../panels.ts';
import type { PanelDefinition } from '../panels.ts';
import { useUiState } from '../state/ui-state.ts';
import type { DockId } from '../state/ui-state.ts';
import { IconButton } from '../widgets/button.tsx';
import { Splitter } from '../widgets/splitter.tsx';
import { Tabs } from '../widgets/tabs.tsx';
import { FirstRun } from './first-run.tsx';
import { ScenarioBand } from './scenario-band.tsx';
import { PanelHost } from './panel-host.tsx';
import { Ribbons } from './ribbons.tsx';
import { TimelineBar } from './timeline-bar.tsx';
import { TopBar } from './top-bar.tsx';
import { useBadges } from './use-badges.tsx';
import { useMedia } from './use-media.ts';
import styles from './frame.module.css';

const LIMITS: Record<DockId, { min: number; max: number }> = {
  left: { min: 200, max: 520 },
  right: { min: 300, max: 820 },
  bottom: { min: 110, max: 520 },
};

/** The whole frame. */
export function Frame() {
  const twoColumns = useMedia('(max-width: 1100px)');
  const presenting = useUiState((state) => state.presenting);
  const left = panelsAt('left');
  const right = panelsAt('right');
  return (
    <div className={styles.frame}>
      <TopBar />
      <Ribbons />
      <div className={styles.middle}>
        {!twoColumns && !presenting && <Dock id="left" panels={left} />}
        <Centre />
        <Dock id="right" panels={twoColumns ? [...right, ...left] : right} />
      </div>
      {!presenting && <Dock id="bottom" panels={panelsAt('bottom')} />}
      <TimelineBar />
    </div>
  );
}

function Centre() {
  const t = useText(shellText);
  const title = useText(panelsText);
  const views = panelsAt('view');
  const wanted = useUiState((state) => state.view);
  const set = useUiState((state) => state.set);
  const current = views.some(({ id }) => id === wanted) ? wanted : (views[0]?.id ?? '');
  const singleKeys = useUiState((state) => state.singleKeys);
  return (
    <main className={styles.centre} data-region="view" tabIndex={-1} aria-label={t('regionView')}>
      <div className={styles.tabRow}>
        <Tabs
          label={t('views')}
          prefix="view"
          current={current}
          onSelect={(view) => set({ view })}
          tabs={views.map(({ id, title: key, icon, digit }) => ({
            id,
            icon,
            label: title(key),
            keys: singleKeys && digit !== undefined ? String(digit) : undefined,
          }))}
        />
      </div>
      <FirstRun />
      <ScenarioBand />
      <div className={styles.view} role="tabpanel" id="view-panel" aria-labelledby={`view-tab-${current}`}>
        {views.map((panel) => (
          <Activity key={panel.id} mode={panel.id === current ? 'visible' : 'hidden'}>
            {panel.id === current || visited.has(panel.id) ? <Visit panel={panel} /> : null}
          </Activity>
        ))}
      </div>
    </main>
  );
}

/** Panels that were shown once: they keep their state when they are hidden. */
const visited = new Set<string>();

function Visit({ panel }: { panel: PanelDefinition }) {
  visited.add(panel.id);
  return (
    <div className={styles.fill}>
      <PanelHost panel={panel} place={panel.place} />
    </div>
  );
}

const ICONS = {
  left: { open: PanelLeftOpen, close: PanelLeftClose },
  right: { open: PanelRightOpen, close: PanelRightClose },
  bottom: { open: PanelBottomOpen, close: PanelBottomClose },
};

function Dock({ id, panels }: { id: DockId; panels: readonly PanelDefinition[] }) {
  const t = useText(shellText);
  const title = useText(panelsText);
  const badges = useBadges();
  const { open, size, panel: wanted } = useUiState((state) => state.docks[id]);
  const setDock = useUiState((state) => state.setDock);
  const showPanel = useUiState((state) => state.showPanel);
  const current = panels.find((panel) => panel.id === wanted) ?? panels[0];
  if (!current) return null;
  const name = t(id === 'left' ? 'regionLeft' : id === 'right' ? 'regionRight' : 'regionBottom');
  const toggle = () => setDock(id, { open: !open });
  const tabs = panels.map((panel) => ({ id: panel.id, label: title(panel.title), icon: panel.icon, badge: badges[panel.id] }));
  const toggleButton = (
    <IconButton
      icon={open ? ICONS[id].close : ICONS[id].open}
      label={t(open ? 'closeDock' : 'openDock', { dock: name })}
      aria-expanded={open}
      onClick={toggle}
    />
  );
  if (!open && id !== 'bottom') {
    return (
      <aside className={`${styles.rail} ${styles[id]}`} data-region={id} tabIndex={-1} aria-label={name}>
        {toggleButton}
        {panels.map((panel) => (
          <IconButton key={panel.id} icon={panel.icon} label={title(panel.title)} onClick={() => showPanel(id, panel.id)} />
        ))}
      </aside>
    );
  }
  const style = id === 'bottom' ? { height: open ? size : undefined } : { width: size };
  const splitter = (
    <Splitter
      label={t('resizeDock', { dock: name })}
      side={id}
      size={size}
      {...LIMITS[id]}
      onResize={(value) => setDock(id, { size: value })}
      onToggle={toggle}
    />
  );
  return (
    <aside className={`${styles.dock} ${styles[id]}`} style={style} data-region={id} tabIndex={-1} aria-label={name}>
      {open && splitter}
      <div className={styles.tabRow}>
        {id === 'left' && toggleButton}
        <Tabs label={name} prefix={id} current={open ? current.id : ''} onSelect={(panel) => showPanel(id, panel)} tabs={tabs} />
        {id !== 'left' && toggleButton}
      </div>
      {open && <DockPanels id={id} panels={panels} current={current.id} />}
    </aside>
  );
}

/** Panels of a dock stay alive behind their tabs: an editor keeps its text. */
function DockPanels({ id, panels, current }: { id: DockId; panels: readonly PanelDefinition[]; current: string }) {
  return (
    <div className={styles.dockBody} role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${current}`}>
      {panels.map((panel) =>
        panel.id === current || visited.has(panel.id) ? (
          <div key={panel.id} className={styles.fill} hidden={panel.id !== current}>
            <VisitInDock panel={panel} />
          </div>
        ) : null,
      )}
    </div>
  );
}

function VisitInDock({ panel }: { panel: PanelDefinition }) {
  visited.add(panel.id);
  return <PanelHost panel={panel} place={panel.place} />;
}
