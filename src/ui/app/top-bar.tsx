/** The top bar: menu, what runs, namespace, sharing, help, settings. */
import {
  CircleQuestionMark,
  Download,
  FolderOpen,
  GalleryVerticalEnd,
  Keyboard,
  Presentation,
  RotateCcw,
  Settings,
  Share2,
  Undo2,
} from 'lucide-react';
import { useCluster, useConnectionState, useList } from '../cluster/hooks.ts';
import { NAMESPACES, SCENARIOS } from '../cluster/resources.ts';
import { LANGUAGE_NAMES, LANGUAGES } from '../i18n/languages.ts';
import { localText, useLanguage, useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { useUndo } from '../state/undo.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import { Menu } from '../widgets/menu.tsx';
import type { MenuItem } from '../widgets/menu.tsx';
import { exportAll } from './export.ts';
import { Logo } from './logo.tsx';
import { openFile } from './open-file.ts';
import { undoAndTell } from './undo.ts';
import styles from './top-bar.module.css';

/** The bar. `compact` on a phone: menu and name only. */
export function TopBar({ compact = false }: { compact?: boolean }) {
  const t = useText(shellText);
  const set = useUiState((state) => state.set);
  const presenting = useUiState((state) => state.presenting);
  return (
    <header className={styles.bar} data-region="top" tabIndex={-1} aria-label={t('regionTop')}>
      <MainMenu />
      <ScenarioName />
      <PlaceChip />
      <span className={styles.space} />
      <UndoButton />
      {!compact && (
        <>
          <NamespaceSelect />
          <Button icon={Share2} look="plain" onClick={() => set({ dialog: 'share' })}>
            {t('share')}
          </Button>
          <IconButton icon={Presentation} label={t('present')} aria-pressed={presenting} onClick={() => set({ presenting: !presenting })} />
          <IconButton icon={CircleQuestionMark} label={t('keyboardMap')} keys="?" onClick={() => set({ dialog: 'keys' })} />
        </>
      )}
      <IconButton icon={Settings} label={t('settings')} onClick={() => set({ dialog: 'settings' })} />
    </header>
  );
}

function MainMenu() {
  const t = useText(shellText);
  const cluster = useCluster();
  const language = useLanguage();
  const set = useUiState((state) => state.set);
  const items: MenuItem[] = [
    { id: 'gallery', label: t('gallery'), icon: GalleryVerticalEnd, onSelect: () => set({ dialog: 'gallery' }) },
    { id: 'open', label: t('openFile'), icon: FolderOpen, onSelect: () => openFile(t) },
    { id: 'share', label: t('share'), icon: Share2, onSelect: () => set({ dialog: 'share' }) },
    { id: 'export', label: t('exportAll'), icon: Download, onSelect: () => void exportAll(cluster, t) },
    { id: 'reset', label: t('startFresh'), icon: RotateCcw, onSelect: () => set({ dialog: 'reset' }) },
    'separator',
    ...LANGUAGES.map((tag) => ({ id: tag, label: LANGUAGE_NAMES[tag], checked: tag === language, onSelect: () => set({ language: tag }) })),
    'separator',
    { id: 'keys', label: t('keyboardMap'), icon: Keyboard, hint: '?', onSelect: () => set({ dialog: 'keys' }) },
    { id: 'settings', label: t('settings'), icon: Settings, onSelect: () => set({ dialog: 'settings' }) },
  ];
  return (
    <Menu items={items} label={t('mainMenu')}>
      <Logo />
      <span className={styles.brand}>Kubarium</span>
    </Menu>
  );
}

function ScenarioName() {
  const t = useText(shellText);
  const language = useLanguage();
  const [scenario] = useList(SCENARIOS).items;
  const name = scenario ? localText(scenario.spec?.title, language) || scenario.metadata.name : t('ownCluster');
  return (
    <h1 className={styles.name} title={name}>
      {name}
    </h1>
  );
}

function NamespaceSelect() {
  const t = useText(shellText);
  const { items } = useList(NAMESPACES);
  const namespace = useUiState((state) => state.namespace);
  const set = useUiState((state) => state.set);
  const names = items.map(({ metadata }) => metadata.name).sort();
  const known = namespace === undefined || names.includes(namespace) ? names : [...names, namespace];
  return (
    <label className={styles.namespace}>
      <span>{t('namespace')}</span>
      <select value={namespace ?? ''} onChange={(event) => set({ namespace: event.target.value || undefined })}>
        <option value="">{t('allNamespaces')}</option>
        {known.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Takes the newest act back; not there when there is nothing to take back. */
function UndoButton() {
  const t = useText(shellText);
  const newest = useUndo(({ entries }) => entries.at(-1));
  if (!newest) return null;
  return <IconButton icon={Undo2} label={t('undo', { what: newest.label })} keys="Ctrl/⌘ Z" onClick={() => void undoAndTell(t)} />;
}

/** Says that another tab runs the cluster, and lets this one take it over. */
function PlaceChip() {
  const t = useText(shellText);
  const { ownership } = useCluster();
  const { place } = useConnectionState();
  if (place !== 'other-tab') return null;
  return (
    <span className={styles.chip}>
      <span>{t('runsInOtherTab')}</span>
      <Button look="plain" onClick={() => void ownership.takeOver()}>
        {t('takeOver')}
      </Button>
    </span>
  );
}
