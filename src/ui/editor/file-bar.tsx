/** The row of open files, with marks for what is not applied or differs from the cluster, and the menu of files. */
import { Download, FileCode2, FilePlus2, FolderOpen, PencilLine, Radio, X } from 'lucide-react';
import { useRef } from 'react';
import type { ChangeEvent } from 'react';
import { MAX_TEXT_LENGTH } from '../../scenario/manifests.ts';
import { editorText } from '../i18n/areas/editor.ts';
import { useText } from '../i18n/text.ts';
import { LIVE_TAB, openInEditor, useDocuments } from '../state/documents.ts';
import type { TextFile } from '../state/documents.ts';
import { showToast } from '../state/toasts.ts';
import { IconButton } from '../widgets/button.tsx';
import { Menu } from '../widgets/menu.tsx';
import type { MenuItem } from '../widgets/menu.tsx';
import { Tabs } from '../widgets/tabs.tsx';
import type { Standing } from './differing.ts';
import { EXAMPLES } from './examples.ts';
import styles from './editor.module.css';

interface FileBarProps {
  files: readonly TextFile[];
  active: string;
  standings: Readonly<Record<string, Standing>>;
  /** The text of a file with keys that are still under way. */
  textOf(file: TextFile): string;
}

function download(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The bar. */
export function FileBar({ files, active, standings, textOf }: FileBarProps) {
  const t = useText(editorText);
  const picker = useRef<HTMLInputElement>(null);
  const { activate, close, open, rename } = useDocuments.getState();
  const current = files.find((file) => file.id === active);
  const badgeOf = (file: TextFile) => {
    const standing = standings[file.id];
    const untouched = file.text.trim() === '' || (file.applied === file.text && (standing === undefined || standing === 'same'));
    if (untouched) return undefined;
    const text = file.applied !== file.text ? t('notApplied') : standing === 'missing' ? t('missing') : t('differs');
    return (
      <span title={text}>
        <span aria-hidden>{file.applied !== file.text ? '●' : '≠'}</span>
        <span className={styles.hiddenText}>{text}</span>
      </span>
    );
  };
  const tabs = [
    ...files.map((file) => ({ id: file.id, label: file.name, badge: badgeOf(file) })),
    { id: LIVE_TAB, label: t('live'), icon: Radio },
  ];
  const onPick = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    for (const file of target.files ?? []) {
      if (file.size > MAX_TEXT_LENGTH) showToast({ tone: 'error', text: t('tooLongFile', { name: file.name }) });
      else await openInEditor(await file.text(), file.name);
    }
    target.value = '';
  };
  const items: MenuItem[] = [
    { id: 'new', label: t('newFile'), icon: FilePlus2, onSelect: () => open('new.yaml', '') },
    { id: 'open', label: t('openFile'), icon: FolderOpen, onSelect: () => picker.current?.click() },
    ...(current ? fileItems(current) : []),
    'separator',
    ...EXAMPLES.map(({ title, name, text }): MenuItem => ({
      id: title,
      label: t(title as 'exampleJob'),
      icon: FileCode2,
      onSelect: () => open(name, text),
    })),
  ];
  function fileItems(file: TextFile): MenuItem[] {
    const askName = () => {
      const name = window.prompt(t('renameTo'), file.name)?.trim();
      if (name) rename(file.id, name);
    };
    return [
      { id: 'rename', label: t('rename'), icon: PencilLine, onSelect: askName },
      { id: 'download', label: t('download'), icon: Download, onSelect: () => download(file.name, textOf(file)) },
      { id: 'close', label: t('closeFile', { name: file.name }), icon: X, onSelect: () => close(file.id) },
    ];
  }
  return (
    <div className={styles.fileBar}>
      <Tabs label={t('files')} prefix="editor" tabs={tabs} current={active} onSelect={activate} />
      {current && <IconButton icon={X} label={t('closeFile', { name: current.name })} onClick={() => close(current.id)} />}
      <Menu items={items} align="end">
        {t('fileMenu')}
      </Menu>
      <input ref={picker} type="file" accept=".yaml,.yml,.json,.txt" multiple hidden onChange={(event) => void onPick(event)} />
    </div>
  );
}
