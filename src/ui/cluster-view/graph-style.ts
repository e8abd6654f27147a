/** Cytoscape's style sheet in the colours of a theme. */
import { HEXAGON, ICON } from '../model/look.ts';
import { SIZES } from './scene.ts';
import type { Palette } from '../model/look.ts';
import type { EdgeSingular, StylesheetStyle } from 'cytoscape';

const hexagon = HEXAGON.flat().join(' ');

/** The left end of the header of an edge's target, from its centre. */
function headerOf(edge: EdgeSingular): string {
  const box = edge.target();
  return `${String(-box.width() / 2)}px ${String(SIZES.card.height / 2 - box.height() / 2)}px`;
}

function boxes({ border, text, surface, bg }: Palette): StylesheetStyle[] {
  return [
    {
      selector: '.box',
      style: {
        shape: 'round-rectangle',
        'corner-radius': '8',
        'background-color': surface,
        'background-opacity': 1,
        'border-width': 1,
        'border-color': border,
        'z-index': 0,
        'overlay-opacity': 0,
      },
    },
    { selector: '.control', style: { 'border-width': 4, 'border-style': 'double', 'border-color': text } },
    { selector: '.tray, .loose', style: { 'background-color': bg, 'border-style': 'dashed' } },
    { selector: '.silent', style: { 'border-style': 'dashed', 'border-width': 2, 'border-color': text } },
  ];
}

function things(palette: Palette): StylesheetStyle[] {
  const { bg, border } = palette;
  // In shares of the hexagon, so that the icon grows and shrinks with it.
  const icon = (scale: number, side: number) => {
    const share = `${String((100 * ICON * scale) / side)}%`;
    return { 'background-width': share, 'background-height': share };
  };
  return [
    {
      selector: '.pod, .small',
      style: {
        shape: 'polygon',
        'shape-polygon-points': hexagon,
        'background-opacity': 0,
        'background-image': 'data(icon)',
        'background-fit': 'none',
        'background-clip': 'none',
        'background-image-containment': 'over',
        'bounds-expansion': 12,
        ...icon(1, SIZES.hexagon),
        'z-index': 10,
      },
    },
    { selector: '.large', style: icon(1.35, SIZES.largeHexagon) },
    { selector: '.small', style: { ...icon(0.56, SIZES.smallHexagon), opacity: 0.8 } },
    {
      selector: '.tile',
      style: {
        shape: 'round-rectangle',
        'corner-radius': '4',
        'background-color': bg,
        'border-width': 1,
        'border-color': border,
        'z-index': 5,
      },
    },
    ...cards(palette),
  ];
}

function cards({ text, border, surface }: Palette): StylesheetStyle[] {
  return [
    {
      selector: '.service, .workload, .more, .ingress, .policy, .claim',
      style: {
        'background-color': surface,
        'border-width': 1.5,
        'border-color': border,
        'z-index': 5,
      },
    },
    {
      selector: '.service',
      style: { shape: 'polygon', 'shape-polygon-points': '-1 -1 0.86 -1 1 0 0.86 1 -1 1', 'border-style': 'dashed', 'border-color': text },
    },
    ...outlines(),
    {
      selector: '.workload',
      style: {
        shape: 'round-rectangle',
        'corner-radius': '4',
        ghost: 'yes',
        'ghost-offset-x': 4,
        'ghost-offset-y': 4,
        'ghost-opacity': 0.45,
      },
    },
    { selector: '.more', style: { shape: 'round-rectangle', 'border-width': 1 } },
  ];
}

/** Shapes that tell kinds apart: funnel, shield, ticket. */
function outlines(): StylesheetStyle[] {
  const shapes = {
    ingress: '-1 -1 1 -1 0.92 1 -0.92 1',
    policy: '-1 -1 1 -1 1 0.5 0.84 1 -0.84 1 -1 0.5',
    claim: '-1 -1 1 -1 1 -0.35 0.93 0 1 0.35 1 1 -1 1 -1 0.35 -0.93 0 -1 -0.35',
  };
  return Object.entries(shapes).map(([kind, points]) => ({
    selector: `.${kind}`,
    style: { shape: 'polygon', 'shape-polygon-points': points },
  }));
}

/** The style sheet. */
export function graphStyle(palette: Palette): StylesheetStyle[] {
  const { accent, focus, muted } = palette;
  return [
    {
      selector: 'node',
      style: {
        width: 'data(width)',
        height: 'data(height)',
        'z-index-compare': 'manual',
        'overlay-opacity': 0,
        'transition-duration': 0,
      },
    },
    ...boxes(palette),
    ...things(palette),
    { selector: '.selected', style: { 'outline-width': 3, 'outline-color': accent, 'outline-offset': 2 } },
    { selector: '.box.selected', style: { 'outline-offset': 0 } },
    { selector: '.cursor', style: { 'outline-width': 3, 'outline-color': focus, 'outline-offset': 4 } },
    {
      selector: 'edge',
      style: {
        width: 1.5,
        'line-color': muted,
        'curve-style': 'straight',
        'z-index': 8,
        'z-index-compare': 'manual',
        'target-arrow-color': accent,
        'overlay-opacity': 0,
      },
    },
    { selector: '.serves', style: { 'line-color': accent, 'target-arrow-shape': 'triangle', width: 2 } },
    { selector: '.routes', style: { 'line-color': accent, 'target-arrow-shape': 'triangle', width: 2, 'line-style': 'dashed' } },
    { selector: '.covers', style: { 'line-style': 'dotted', width: 2, 'target-arrow-shape': 'tee', 'target-arrow-color': muted } },
    { selector: '.mounts', style: { 'target-arrow-shape': 'circle', 'target-arrow-color': muted } },
    { selector: '.owns', style: { 'line-style': 'dashed' } },
    // From a card to the header of a box, which begins at the same height.
    { selector: '.owns.toBox', style: { 'source-endpoint': '50% 0', 'target-endpoint': headerOf } },
  ];
}
