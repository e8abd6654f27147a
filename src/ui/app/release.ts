/**
 * The service worker: keeps the page usable without a network, and brings new releases. A release waits until the visitor wants it, because
 * a running page must still find the lazy parts that it was built with.
 */
import { shellText } from '../i18n/areas/shell.ts';
import { speaker } from '../i18n/text.ts';
import { showToast } from '../state/toasts.ts';
import { useUiState } from '../state/ui-state.ts';

/** Registers the service worker of the built page. Where there is none (development, plain http) nothing happens. */
export function followReleases(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  window.addEventListener('load', () => {
    register().catch(() => undefined); // refused, or no network on the first visit: the page works without
  });
}

/** Whether this tab asked for the release that takes over. */
let asked = false;

async function register(): Promise<void> {
  const container = navigator.serviceWorker;
  const updates = container.controller !== null;
  container.addEventListener('controllerchange', () => {
    if (asked) window.location.reload();
    else if (updates) offer('releaseElsewhere', () => window.location.reload());
  });
  const registration = await container.register('./sw.js', { scope: './' });
  if (registration.waiting && updates) offerUpdate(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing;
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed' && container.controller) offerUpdate(coming);
    });
  });
}

function offerUpdate(release: ServiceWorker): void {
  offer('releaseReady', () => {
    asked = true;
    release.postMessage({ type: 'SKIP_WAITING' });
  });
}

function offer(text: 'releaseReady' | 'releaseElsewhere', run: () => void): void {
  const t = speaker(shellText, useUiState.getState().language);
  showToast({ text: t(text), stays: true, action: { label: t('reload'), run } });
}
