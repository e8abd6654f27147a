/**
 * The first visitor's first picture. The engine is the largest part of Kubarium, and the cluster that it begins with is always the same:
 * so the page draws that cluster from a few kilobytes made at build time, and the engine is fetched behind it. Once the engine answers,
 * its lists take the picture's place, object by object the same.
 */
import { DATABASE } from '../../worker/protocol.ts';
import type { FirstScreen } from './first-screen-resources.ts';

/** Longest wait for the picture, ms: then the engine is fetched beside it. */
const PATIENCE_MS = 400;

/** The picture for a first visit; undefined when there may be a saved cluster, a link's own, or no way to know. */
export async function firstScreen(): Promise<FirstScreen | undefined> {
  if (window.location.hash.length > 1) return undefined;
  try {
    const databases = await indexedDB.databases();
    if (databases.some(({ name }) => name === DATABASE)) return undefined;
    return (await import('../../../generated/first-screen.json')).default as unknown as FirstScreen;
  } catch {
    // Without storage, or without the file: the page waits for the engine, as it does on every later visit.
    return undefined;
  }
}

/** Resolves once a picture that has come is drawn, or when none will come soon. */
export function afterFirstScreen(screen: Promise<FirstScreen | undefined>): Promise<void> {
  const drawn = screen.then((found) => (found === undefined || document.hidden ? undefined : nextPaint()));
  return Promise.race([drawn, new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

const nextPaint = (): Promise<void> =>
  new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
  });
