/** Carries language, theme, motion and text size from the settings to the document, where styles and screen readers read them. */
import { useEffect } from 'react';
import { useUiState } from '../state/ui-state.ts';
import { useMedia } from './use-media.ts';

/** A projector shows type at 143 %. */
const PRESENTER_PERCENT = 143;

/** Keeps the attributes of `<html>` in step. */
export function useAppearance(): void {
  const language = useUiState((state) => state.language);
  const theme = useUiState((state) => state.theme);
  const motion = useUiState((state) => state.motion);
  const textSize = useUiState((state) => state.textSize);
  const presenting = useUiState((state) => state.presenting);
  const darkSystem = useMedia('(prefers-color-scheme: dark)');
  const calmSystem = useMedia('(prefers-reduced-motion: reduce)');
  useEffect(() => {
    const root = document.documentElement;
    root.lang = language;
    root.dataset['theme'] = theme === 'system' ? (darkSystem ? 'dark' : 'light') : theme;
    root.dataset['motion'] = motion === 'system' ? (calmSystem ? 'reduce' : 'full') : motion;
    root.toggleAttribute('data-presenting', presenting);
    root.style.setProperty('--text-scale', String((presenting ? Math.max(PRESENTER_PERCENT, textSize) : textSize) / 100));
  }, [language, theme, motion, textSize, presenting, darkSystem, calmSystem]);
}

/** Whether movement is to be avoided: panels that draw with JavaScript ask here. */
export function useReducedMotion(): boolean {
  const motion = useUiState((state) => state.motion);
  const calmSystem = useMedia('(prefers-reduced-motion: reduce)');
  return motion === 'reduce' || (motion === 'system' && calmSystem);
}

/** The theme in use: panels that draw on a canvas ask here. */
export function useTheme(): 'light' | 'dark' {
  const theme = useUiState((state) => state.theme);
  const darkSystem = useMedia('(prefers-color-scheme: dark)');
  return theme === 'system' ? (darkSystem ? 'dark' : 'light') : theme;
}
