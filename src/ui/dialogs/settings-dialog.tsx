/** Settings: language, appearance, keys, and the visitor's data. */
import { useEffect, useState } from 'react';
import type { DialogProps } from '../app/app.tsx';
import { useCluster, useConnectionState } from '../cluster/hooks.ts';
import { LANGUAGE_NAMES, LANGUAGES } from '../i18n/languages.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { dialogsText } from '../i18n/areas/dialogs.ts';
import { TEXT_SIZES, useUiState } from '../state/ui-state.ts';
import type { Motion, TextSize, Theme } from '../state/ui-state.ts';
import { Dialog } from '../widgets/dialog.tsx';
import { CheckField, SelectField, ValueField } from '../widgets/field.tsx';
import { DataSettings } from './data-settings.tsx';
import styles from './dialogs.module.css';

/** The dialog. */
export function SettingsDialog({ onClose }: DialogProps) {
  const t = useText(dialogsText);
  return (
    <Dialog title={t('settingsTitle')} onClose={onClose}>
      <Appearance />
      <section className={styles.section}>
        <h3>{t('settingsSimulation')}</h3>
        <Simulation />
      </section>
      <section className={styles.section}>
        <h3>{t('settingsData')}</h3>
        <DataSettings onLeave={onClose} />
      </section>
    </Dialog>
  );
}

function Appearance() {
  const t = useText(dialogsText);
  const { language, theme, motion, textSize, singleKeys, set } = useUiState();
  return (
    <>
      <SelectField
        label={t('language')}
        value={language}
        options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
        onChange={(value) => set({ language: value })}
      />
      <SelectField<Theme>
        label={t('theme')}
        value={theme}
        options={[
          { value: 'system', label: t('asSystem') },
          { value: 'light', label: t('themeLight') },
          { value: 'dark', label: t('themeDark') },
        ]}
        onChange={(value) => set({ theme: value })}
      />
      <SelectField
        label={t('textSize')}
        value={String(textSize)}
        options={TEXT_SIZES.map((size) => ({ value: String(size), label: `${size} %` }))}
        onChange={(value) => set({ textSize: Number(value) as TextSize })}
      />
      <SelectField<Motion>
        label={t('motion')}
        value={motion}
        options={[
          { value: 'system', label: t('asSystem') },
          { value: 'reduce', label: t('motionReduce') },
          { value: 'full', label: t('motionFull') },
        ]}
        onChange={(value) => set({ motion: value })}
      />
      <CheckField
        label={t('singleKeys')}
        hint={t('singleKeysHint')}
        checked={singleKeys}
        onChange={(checked) => set({ singleKeys: checked })}
      />
    </>
  );
}

function Simulation() {
  const t = useText(dialogsText);
  const { connection } = useCluster();
  const { bootMs } = useConnectionState();
  const language = useLanguage();
  const [seed, setSeed] = useState<number>();
  useEffect(() => {
    let gone = false;
    connection.control('export', {}).then(
      (found) => {
        if (!gone) setSeed(found.seed);
      },
      () => undefined, // the cluster is being moved or restarted: the field stays empty
    );
    return () => {
      gone = true;
    };
  }, [connection]);
  return (
    <>
      <ValueField label={t('release')}>1.33</ValueField>
      <ValueField label={t('seed')}>
        <code>{seed ?? '…'}</code>
      </ValueField>
      <ValueField label={t('bootTime')}>{t('milliseconds', { value: formatNumber(language, Math.round(bootMs)) })}</ValueField>
    </>
  );
}
