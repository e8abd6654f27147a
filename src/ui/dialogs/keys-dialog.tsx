/** The keyboard map. */
import type { DialogProps } from '../app/app.tsx';
import { useText } from '../i18n/text.ts';
import { dialogsText } from '../i18n/areas/dialogs.ts';
import { panelsText } from '../i18n/areas/panels.ts';
import { panelsAt } from '../panels.ts';
import { useUiState } from '../state/ui-state.ts';
import { CheckField } from '../widgets/field.tsx';
import { Dialog } from '../widgets/dialog.tsx';
import styles from './dialogs.module.css';

/** The dialog. */
export function KeysDialog({ onClose }: DialogProps) {
  const t = useText(dialogsText);
  const title = useText(panelsText);
  const singleKeys = useUiState((state) => state.singleKeys);
  const set = useUiState((state) => state.set);
  const views = panelsAt('view').filter(({ digit }) => digit !== undefined);
  return (
    <Dialog title={t('keysTitle')} onClose={onClose}>
      <Keys
        caption={t('keysEverywhere')}
        rows={[
          [['F6'], t('keyNextRegion')],
          [['Shift', 'F6'], t('keyPreviousRegion')],
          [['Esc'], t('keyEscape')],
          [['Ctrl/⌘', 'Z'], t('keyUndo')],
        ]}
      />
      <Keys
        caption={t('keysSingle')}
        rows={[
          ...views.map(({ digit, title: key }): Row => [[String(digit)], t('keyView', { view: title(key) })]),
          [['Space'], t('keyPause')],
          [['→'], t('keyStepEvent')],
          [['Shift', '→'], t('keyStepRevision')],
          [['+'], t('keyFaster')],
          [['-'], t('keySlower')],
          [['/'], t('keyFilter')],
          [['?'], t('keyHelp')],
        ]}
      />
      <CheckField
        label={t('singleKeys')}
        hint={t('singleKeysHint')}
        checked={singleKeys}
        onChange={(checked) => set({ singleKeys: checked })}
      />
      <Keys
        caption={t('keysEditor')}
        rows={[
          [['Ctrl/⌘', 'Enter'], t('keyApply')],
          [['Esc', 'Tab'], t('keyLeaveEditor')],
        ]}
      />
      <Keys
        caption={t('keysDocks')}
        rows={[
          [['←', '→', '↑', '↓'], t('keyResize')],
          [['Enter'], t('keyCollapse')],
        ]}
      />
    </Dialog>
  );
}

type Row = [keys: readonly string[], what: string];

function Keys({ caption, rows }: { caption: string; rows: readonly Row[] }) {
  return (
    <table className={styles.keys}>
      <caption>{caption}</caption>
      <tbody>
        {rows.map(([keys, what]) => (
          <tr key={what}>
            <td>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </td>
            <td>{what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
