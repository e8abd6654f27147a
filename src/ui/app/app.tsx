/** The application: the cluster for all below, the frame that fits the window, dialogs and messages above it. */
import { lazy, Suspense, useEffect, useState } from 'react';
import { createActions } from '../cluster/actions.ts';
import type { Cluster } from '../cluster/connect.ts';
import { ClusterContext, useCluster } from '../cluster/hooks.ts';
import type { ClusterContextValue } from '../cluster/hooks.ts';
import type { FirstScreen } from '../cluster/first-screen-resources.ts';
import { LiveStore } from '../cluster/live-store.ts';
import { SessionState } from '../cluster/session-state.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { speaker, useText } from '../i18n/text.ts';
import { forgetAllUndo } from '../state/undo.ts';
import { useUiState } from '../state/ui-state.ts';
import type { DialogId } from '../state/ui-state.ts';
import { useAppearance } from './appearance.ts';
import { beginAnew, tellErased } from './erase.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { Frame } from './frame.tsx';
import { useKeyboard } from './keyboard.ts';
import { acceptDroppedFiles } from './open-file.ts';
import { PhoneFrame } from './phone.tsx';
import { PodNews } from './pod-news.tsx';
import { LiveRegions, Toasts } from './toasts.tsx';
import { clearHash, sharePayload, useHash } from './use-hash.ts';
import { useMedia } from './use-media.ts';

/** What a dialog is told. */
export interface DialogProps {
  onClose(): void;
}

const DIALOGS = {
  gallery: lazy(async () => ({ default: (await import('../dialogs/gallery-dialog.tsx')).GalleryDialog })),
  share: lazy(async () => ({ default: (await import('../dialogs/share-dialog.tsx')).ShareDialog })),
  settings: lazy(async () => ({ default: (await import('../dialogs/settings-dialog.tsx')).SettingsDialog })),
  keys: lazy(async () => ({ default: (await import('../dialogs/keys-dialog.tsx')).KeysDialog })),
  link: lazy(async () => ({ default: (await import('../dialogs/link-dialog.tsx')).LinkDialog })),
  reset: lazy(async () => ({ default: (await import('../dialogs/reset-dialog.tsx')).ResetDialog })),
};

/** The page. `screen`: what is drawn until the cluster answers, if anything. */
export function App({ cluster, screen }: { cluster: Cluster; screen: Promise<FirstScreen | undefined> }) {
  const [value] = useState<ClusterContextValue>(() => {
    const session = new SessionState(cluster);
    const store = new LiveStore(cluster.connection);
    void screen.then((found) => {
      if (found === undefined || session.state().phase !== 'connecting') return;
      store.prime(found.objects);
      session.setClock(found.clock);
    });
    return { ...cluster, session, store, actions: createActions(cluster.connection, session) };
  });
  useAppearance();
  useEffect(() => acceptDroppedFiles(() => speaker(shellText, useUiState.getState().language)), []);
  return (
    <ClusterContext value={value}>
      <ErrorBoundary>
        <Page />
      </ErrorBoundary>
    </ClusterContext>
  );
}

function Page() {
  const phone = useMedia('(max-width: 767px)');
  useKeyboard();
  useFreshStarts();
  useDialogFromAddress();
  return (
    <>
      {phone ? <PhoneFrame /> : <Frame />}
      <Dialogs />
      <Toasts />
      <PodNews />
      <LiveRegions />
    </>
  );
}

/** Another tab may erase everything: then this one begins anew as well. A fresh cluster has nothing to take back. */
function useFreshStarts(): void {
  const t = useText(shellText);
  const { connection } = useCluster();
  useEffect(() => tellErased(t), [t]);
  useEffect(
    () =>
      connection.onNotice((notice) => {
        if (notice.kind === 'erased') void beginAnew();
        else if (notice.kind === 'ready' && !notice.recovered) forgetAllUndo();
      }),
    [connection],
  );
}

function useDialogFromAddress(): void {
  const hash = useHash();
  useEffect(() => {
    const { openedLink, set } = useUiState.getState();
    if (hash === 'gallery') set({ dialog: 'gallery' });
    else if (sharePayload(hash) !== undefined && hash !== openedLink) set({ dialog: 'link' });
  }, [hash]);
}

function Dialogs() {
  const dialog = useUiState((state) => state.dialog);
  if (!dialog) return null;
  const Dialog = DIALOGS[dialog];
  return (
    <Suspense fallback={null}>
      <Dialog onClose={() => closeDialog(dialog)} />
    </Suspense>
  );
}

function closeDialog(dialog: DialogId): void {
  const { openedLink, set } = useUiState.getState();
  set({ dialog: undefined });
  const hash = window.location.hash.slice(1);
  const isOpened = hash === openedLink;
  if ((dialog === 'gallery' && hash === 'gallery') || (dialog === 'link' && !isOpened)) clearHash();
}
