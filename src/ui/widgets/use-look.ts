/** What drawings need to know of the appearance. */
import { useReducedMotion, useTheme } from '../app/appearance.ts';
import { PALETTES } from '../model/look.ts';
import type { Palette } from '../model/look.ts';

/** The colours of the theme in force. */
export const usePalette = (): Palette => PALETTES[useTheme()];

/** Whether things may travel across the page. */
export const useMotion = (): boolean => !useReducedMotion();
