/** The frame on a phone: read-only, one picture at a time, tabs for the thumb. */
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useText } from '../i18n/text.ts';
import { panelsText } from '../i18n/areas/panels.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { PANELS } from '../panels.ts';
import { useUiState } from '../state/ui-state.ts';
import { IconButton } from '../widgets/button.tsx';
import { Tabs } from '../widgets/tabs.tsx';
import { ComputerHint } from './computer-hint.tsx';
import { FirstRun } from './first-run.tsx';
import { ScenarioBand } from './scenario-band.tsx';
import { PanelHost } from './panel-host.tsx';
import { Ribbons } from './ribbons.tsx';
import { TimelineBar } from './timeline-bar.tsx';
import { TopBar } from './top-bar.tsx';
import styles from './frame.module.css';
import phone from './phone.module.css';

/** The whole frame. */
export function PhoneFrame() {
  const t = useText(shellText);
  const title = useText(panelsText);
  const panels = PANELS.filter(({ phone }) => phone);
  const selection = useUiState((state) => state.selection);
  const [wanted, setWanted] = useState('cluster');
  const [seen, setSeen] = useState(selection);
  // Choosing an object in a picture shows what it is.
  if (selection !== seen) {
    setSeen(selection);
    if (selection) setWanted('inspector');
  }
  const current = panels.find(({ id }) => id === wanted) ?? panels[0];
  if (!current) return null;
  const turn = (by: number) => setWanted(panels.at((panels.indexOf(current) + by) % panels.length)?.id ?? wanted);
  return (
    <div className={styles.frame}>
      <TopBar compact />
      <Ribbons />
      <ComputerHint />
      <main className={styles.centre} data-region="view" tabIndex={-1} aria-label={t('regionView')}>
        <FirstRun />
        <ScenarioBand />
        <div className={styles.view} role="tabpanel" id="phone-panel" aria-labelledby={`phone-tab-${current.id}`}>
          <div className={styles.fill}>
            <PanelHost key={current.id} panel={current} place="view" />
          </div>
        </div>
      </main>
      <TimelineBar compact />
      <nav className={phone.thumbs} aria-label={t('views')}>
        <IconButton icon={ChevronLeft} label={t('previousPicture')} onClick={() => turn(-1)} />
        <Tabs
          look="thumb"
          label={t('views')}
          prefix="phone"
          current={current.id}
          onSelect={setWanted}
          tabs={panels.map(({ id, title: key, icon }) => ({ id, icon, label: title(key) }))}
        />
        <IconButton icon={ChevronRight} label={t('nextPicture')} onClick={() => turn(1)} />
      </nav>
    </div>
  );
}
