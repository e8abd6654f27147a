/** Colours and the pod's hexagon. Each state has a fill, a pattern and a glyph, so that colour never speaks alone. */
import type { PodState } from './pod-state.ts';

/** Fill of each state in the light and the dark theme; 'unknown' has none. */
const FILLS: Record<PodState, readonly [light: string, dark: string]> = {
  running: ['#2FB5A0', '#2FB5A0'],
  notReady: ['#2FB5A0', '#2FB5A0'],
  pending: ['#FFC83D', '#FFD166'],
  failed: ['#B3261E', '#E5484D'],
  succeeded: ['#C3CBD4', '#5B6875'],
  terminating: ['#6A3D9A', '#B794F6'],
  unknown: ['none', 'none'],
};

/** Colours the canvas needs as values; the rest of the page has them as custom properties. */
export interface Palette {
  dark: boolean;
  bg: string;
  surface: string;
  sunken: string;
  text: string;
  muted: string;
  border: string;
  accent: string;
  focus: string;
}

/** The palette of a theme. */
export const PALETTES: Record<'light' | 'dark', Palette> = {
  light: {
    dark: false,
    bg: '#FFFFFF',
    surface: '#F6F8FA',
    sunken: '#EBEFF3',
    text: '#1B2430',
    muted: '#52606D',
    border: '#7B8794',
    accent: '#0B5CAD',
    focus: '#6A1B9A',
  },
  dark: {
    dark: true,
    bg: '#0F141A',
    surface: '#171E26',
    sunken: '#0A0E13',
    text: '#E6EDF3',
    muted: '#9FB0C0',
    border: '#6B7C8D',
    accent: '#6CB6FF',
    focus: '#E2B6FF',
  },
};

/** The fill of a state. */
export const stateFill = (state: PodState, dark: boolean): string => FILLS[state][dark ? 1 : 0];

/** The corners of a hexagon that stands on a corner, in a square of side 2 around the origin. */
export const HEXAGON = [
  [0, -1],
  [0.88, -0.52],
  [0.88, 0.52],
  [0, 1],
  [-0.88, 0.52],
  [-0.88, -0.52],
] as const;

const points = (radius: number): string => HEXAGON.map(([x, y]) => `${(x * radius).toFixed(2)},${(y * radius).toFixed(2)}`).join(' ');

function glyph(state: PodState, ink: string, fill: string): string {
  const line = `fill="none" stroke="${ink}" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"`;
  switch (state) {
    case 'running':
      return `<path d="M-5 0.5L-1.6 4L5.2 -3.8" ${line}/>`;
    case 'notReady':
      return `<circle r="5" fill="none" stroke="${ink}" stroke-width="1.8"/><path d="M0 -5A5 5 0 0 0 0 5Z" fill="${ink}"/>`;
    case 'pending':
      return [-5, 0, 5].map((x) => `<circle cx="${String(x)}" r="1.7" fill="${ink}"/>`).join('');
    case 'failed':
      return `<path d="M-4 -4L4 4M4 -4L-4 4" ${line}/>`;
    case 'succeeded':
      return `<rect x="-4" y="-4" width="8" height="8" fill="${ink}"/>`;
    case 'terminating':
      return `<circle r="7" fill="${fill}"/><path d="M0 -5V4.6M-4 1L0 5L4 1" ${line}/>`;
    case 'unknown':
      return `<path d="M-3.2 -2.4C-3.2 -7 3.4 -6.6 3.2 -2.6C3 0 0 0 0 2.6M0 6.2V6.4" ${line}/>`;
  }
}

function inkOn(state: PodState, { dark, text }: Pick<Palette, 'dark' | 'text'>): string {
  if (state === 'unknown' || state === 'notReady') return text;
  if (state === 'failed') return '#FFFFFF';
  if (state === 'terminating') return dark ? '#1B1030' : '#FFFFFF';
  return state === 'succeeded' && dark ? '#FFFFFF' : '#0F1A24';
}

/** The body of a hexagon's drawing around the origin, radius 15. `id` keeps patterns of several drawings on a page apart. */
export function hexagonMarkup(state: PodState, palette: Pick<Palette, 'dark' | 'text' | 'bg'>, id = 'h'): string {
  const fill = stateFill(state, palette.dark);
  const outline = `stroke="${palette.text}" stroke-width="1.5" stroke-linejoin="round"`;
  const body = `<polygon points="${points(14)}"`;
  const marks = glyph(state, inkOn(state, palette), fill);
  if (state === 'unknown') return `${body} fill="${palette.bg}" ${outline} stroke-dasharray="4 3"/>${marks}`;
  if (state === 'notReady') {
    const half = `<clipPath id="${id}"><rect x="-15" y="0" width="30" height="15"/></clipPath>`;
    return `${half}${body} fill="${palette.bg}" ${outline}/><polygon points="${points(13)}" fill="${fill}" clip-path="url(#${id})"/>${marks}`;
  }
  if (state === 'terminating') {
    const hatch = `<pattern id="${id}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="${palette.bg}"/><rect width="3" height="5" fill="${fill}"/></pattern>`;
    return `${hatch}${body} fill="url(#${id})" ${outline}/>${marks}`;
  }
  return `${body} fill="${fill}" ${outline}/>${marks}`;
}

/** Side of the square that an icon is drawn in, around a hexagon of radius 15. */
export const ICON = 52;

function badge(x: number, y: number, text: string, palette: Palette): string {
  const width = 9 + text.length * 7;
  return (
    `<rect x="${String(x - width / 2)}" y="${String(y - 8)}" width="${String(width)}" height="16" rx="8" fill="${palette.bg}" stroke="${palette.text}"/>` +
    `<text x="${String(x)}" y="${String(y + 4.2)}" text-anchor="middle" font-family="system-ui,sans-serif" font-size="12" font-weight="600" fill="${palette.text}">${text}</text>`
  );
}

const icons = new Map<string, string>();

/** A pod's hexagon as a data URI: with the number of restarts at the upper right and "1/2" at the lower right. */
export function podIcon(state: PodState, palette: Palette, restarts = 0, ready = ''): string {
  const times = restarts === 0 ? '' : restarts > 99 ? '99+' : String(restarts);
  const key = `${state} ${String(palette.dark)} ${times} ${ready}`;
  let icon = icons.get(key);
  if (icon === undefined) {
    const marks = (times && badge(15, -14, times, palette)) + (ready && badge(14, 14, ready, palette));
    const half = ICON / 2;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${String(ICON)}" height="${String(ICON)}" viewBox="${String(-half)} ${String(-half)} ${String(ICON)} ${String(ICON)}">${hexagonMarkup(state, palette)}${marks}</svg>`;
    icon = `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`;
    // Numbers of restarts differ little; the bound only guards a scenario that restarts for days.
    if (icons.size > 2000) icons.clear();
    icons.set(key, icon);
  }
  return icon;
}
