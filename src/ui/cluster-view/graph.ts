/**
 * Draws a scene with Cytoscape: keeps its elements in step with the scene, moves what moves, and says what is pointed at. It knows
 * nothing of the API. Headers of boxes and the bars of tiles are HTML above the canvas (overlay.tsx) and follow `onView`.
 */
import cytoscape from 'cytoscape';
import { GraphMotion } from './graph-motion.ts';
import { graphStyle } from './graph-style.ts';
import { podIcon } from '../model/look.ts';
import type { Palette } from '../model/look.ts';
import type { MotionTimes } from './graph-motion.ts';
import type { Scene, SceneBox, SceneItem } from './scene.ts';
import type { Core, ElementDefinition, NodeSingular } from 'cytoscape';

/** What the graph tells its owner. */
export interface GraphEvents {
  /** The picture was panned or zoomed, or drawn for the first time. */
  onView(view: { x: number; y: number; zoom: number }): void;
  onTap(id: string | undefined): void;
  onOpen(id: string): void;
  onMenu(id: string, at: { x: number; y: number }): void;
  onHover(id: string | undefined, at: { x: number; y: number }): void;
}

const MIN_ZOOM = 0.3;
const MAX_ZOOM = 2.5;
/** Fitting never makes text smaller than this share of its size; at 100 % it has the least size there may be. */
const LEAST_FIT = 0.95;
const MARGIN = 12;
/** Room for the text below a thing, px. */
const LABEL = 18;
/** The buttons at the right edge, px. */
const BUTTONS = 40;

interface Drawn {
  x: number;
  y: number;
  width: number;
  height: number;
  look: string;
  classes: string;
}

/** One Cytoscape instance in one element. */
export class ClusterGraph {
  readonly #cy: Core;
  readonly #host: HTMLElement;
  #palette: Palette;
  #drawn = new Map<string, Drawn>();
  #edges = new Map<string, string>();
  #leaving = new Set<string>();
  #extent = { width: 0, height: 0 };
  /** How large things are until somebody zooms. */
  scale = 1;
  readonly #motion = new GraphMotion();
  /** Somebody has moved the picture: from now on it stays where it is. */
  #touched = false;
  #events: GraphEvents;

  constructor(host: HTMLElement, palette: Palette, events: GraphEvents) {
    this.#host = host;
    this.#palette = palette;
    this.#events = events;
    this.#cy = cytoscape({
      container: host,
      style: graphStyle(palette),
      minZoom: MIN_ZOOM,
      maxZoom: MAX_ZOOM,
      autoungrabify: true,
      boxSelectionEnabled: false,
      autounselectify: true,
      layout: { name: 'preset' },
    });
    this.#listen();
  }

  #listen(): void {
    const cy = this.#cy;
    const view = () => this.#events.onView({ ...cy.pan(), zoom: cy.zoom() });
    cy.on('render', view);
    cy.on('tap', (event) => this.#events.onTap(event.target === cy ? undefined : (event.target as NodeSingular).id()));
    cy.on('dbltap', 'node', (event) => this.#events.onOpen((event.target as NodeSingular).id()));
    cy.on('cxttap', 'node', (event) => this.#events.onMenu((event.target as NodeSingular).id(), event.renderedPosition));
    cy.on('mouseover', 'node', (event) => this.#events.onHover((event.target as NodeSingular).id(), event.renderedPosition));
    cy.on('dragpan', () => (this.#touched = true));
    cy.on('mouseout viewport', () => this.#events.onHover(undefined, { x: 0, y: 0 }));
    // A wheel moves the picture as it moves a page; with Ctrl (and by pinching) it zooms.
    this.#host.addEventListener('wheel', this.#onWheel, { capture: true, passive: false });
  }

  readonly #onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    this.#touched = true;
    if (event.ctrlKey || event.metaKey) {
      const box = this.#host.getBoundingClientRect();
      this.#zoomAt(Math.exp(-event.deltaY / 300), { x: event.clientX - box.left, y: event.clientY - box.top });
    } else this.#cy.panBy(event.shiftKey ? { x: -event.deltaY, y: 0 } : { x: -event.deltaX, y: -event.deltaY });
  };

  /** Ends it and frees the canvas. */
  destroy(): void {
    this.#host.removeEventListener('wheel', this.#onWheel, { capture: true });
    this.#cy.destroy();
  }

  /** Changes to the colours of another theme. */
  setPalette(palette: Palette): void {
    if (palette === this.#palette) return;
    this.#palette = palette;
    this.#cy.style(graphStyle(palette));
    for (const drawn of this.#drawn.values()) drawn.look = '';
  }

  /** Brings the picture to the scene. `times` undefined: without motion. */
  draw(scene: Scene, times: MotionTimes | undefined): void {
    const grown = scene.width !== this.#extent.width;
    this.#extent = { width: scene.width, height: scene.height };
    // Nodes arrive one by one: until somebody moves it, the picture stays in the middle.
    if (grown && !this.#touched) this.home();
    const cy = this.#cy;
    const present = new Set<string>();
    const added: ElementDefinition[] = [];
    cy.batch(() => {
      for (const box of scene.boxes) this.#put(box.id, boxLook(box), present, added, undefined);
      for (const item of scene.items) this.#put(item.id, this.#itemLook(item), present, added, times);
      for (const id of this.#drawn.keys()) if (!present.has(id)) this.#remove(id, times);
      if (added.length) this.#add(added, times);
      this.#drawEdges(scene);
    });
  }

  #put(
    id: string,
    drawn: Drawn & { data: Record<string, unknown> },
    present: Set<string>,
    added: ElementDefinition[],
    times: MotionTimes | undefined,
  ): void {
    present.add(id);
    const { data, ...now } = drawn;
    const before = this.#drawn.get(id);
    this.#drawn.set(id, now);
    if (!before || this.#leaving.has(id)) {
      if (this.#leaving.delete(id)) {
        this.#motion.stop(this.#cy.getElementById(id));
        this.#cy.getElementById(id).remove();
      }
      added.push({ group: 'nodes', data: { id, ...data }, position: { x: now.x, y: now.y }, classes: now.classes });
      return;
    }
    const moved = before.x !== now.x || before.y !== now.y;
    if (!moved && before.look === now.look && before.classes === now.classes) return;
    const element = this.#cy.getElementById(id);
    if (before.look !== now.look) element.data(data);
    if (before.classes !== now.classes) element.classes(now.classes);
    if (moved) this.#motion.move(element, now, times);
  }

  #add(added: ElementDefinition[], times: MotionTimes | undefined): void {
    const elements = this.#cy.add(added);
    // The first picture simply is there.
    if (!times || elements.length === this.#cy.nodes().length) return;
    elements.filter('.pod, .small').forEach((element) => {
      const owner = this.#ownerOf(element);
      this.#motion.appear(element, owner, times);
    });
  }

  /** The nearest owner that is drawn. */
  #ownerOf(element: NodeSingular): NodeSingular | undefined {
    for (const key of (element.data('owners') as readonly string[] | undefined) ?? []) {
      const owner = this.#cy.getElementById(key);
      if (owner.nonempty()) return owner;
    }
    return undefined;
  }

  #remove(id: string, times: MotionTimes | undefined): void {
    const element = this.#cy.getElementById(id);
    this.#drawn.delete(id);
    if (!times || !element.hasClass('pod')) {
      this.#motion.stop(element);
      element.remove();
      return;
    }
    element.data('icon', podIcon('terminating', this.#palette));
    this.#leaving.add(id);
    this.#motion.leave(element, times, () => {
      if (this.#leaving.delete(id)) element.remove();
    });
  }

  #drawEdges(scene: Scene): void {
    const wanted = new Map(scene.edges.map((edge) => [edge.id, edge]));
    for (const id of this.#edges.keys()) {
      if (wanted.has(id)) continue;
      this.#cy.getElementById(id).remove();
      this.#edges.delete(id);
    }
    for (const { id, source, target, kind } of wanted.values()) {
      // An edge goes with its ends, and may have to come back with them.
      if (this.#edges.has(id) && this.#cy.getElementById(id).nonempty()) continue;
      this.#edges.set(id, kind);
      const toBox = this.#cy.getElementById(target).hasClass('box');
      this.#cy.add({ group: 'edges', data: { id, source, target }, classes: toBox ? `${kind} toBox` : kind });
    }
  }

  #itemLook(item: SceneItem): Drawn & { data: Record<string, unknown> } {
    const { x, y, width, height, kind, state } = item;
    const pod = kind === 'pod' || kind === 'small';
    const count = kind === 'pod' && item.ready !== undefined && !item.ready.endsWith('/1') ? item.ready : '';
    const restarts = kind === 'pod' ? item.restarts : 0;
    const icon = pod && state ? podIcon(state, this.#palette, restarts, count) : undefined;
    const large = kind === 'pod' && width > 30;
    const look = `${String(state)}|${String(restarts)}|${count}|${String(width)}|${String(height)}`;
    const data = { width, height, ...(icon && { icon }), ...(item.owners && { owners: item.owners }) };
    return { x, y, width, height, look, classes: `${kind}${large ? ' large' : ''}`, data };
  }

  /** Marks the selected thing and the one that the keyboard is at. */
  mark(selected: string | undefined, cursor: string | undefined): void {
    this.#cy.batch(() => {
      this.#cy.nodes('.selected').removeClass('selected');
      this.#cy.nodes('.cursor').removeClass('cursor');
      if (selected !== undefined) this.#cy.getElementById(selected).addClass('selected');
      if (cursor !== undefined) this.#cy.getElementById(cursor).addClass('cursor');
    });
  }

  /** Shows the beginning of the picture in its own size. */
  home(): void {
    this.#touched = false;
    const { width } = this.#host.getBoundingClientRect();
    this.#cy.stop(true);
    const x = Math.max(MARGIN, (width - BUTTONS - this.#extent.width * this.scale) / 2);
    this.#cy.viewport({ zoom: this.scale, pan: { x, y: MARGIN } });
  }

  /** Shows as much as possible of the picture, without making it unreadable. */
  fit(): void {
    this.#touched = true;
    const { width, height } = this.#host.getBoundingClientRect();
    const wanted = Math.min((width - 2 * MARGIN) / this.#extent.width, (height - 2 * MARGIN) / this.#extent.height);
    const least = this.scale > 1 ? this.scale : LEAST_FIT;
    const zoom = Math.min(1.5 * this.scale, Math.max(least, wanted));
    const pan = {
      x: Math.max(MARGIN, (width - this.#extent.width * zoom) / 2),
      y: Math.max(MARGIN, (height - this.#extent.height * zoom) / 2),
    };
    this.#cy.viewport({ zoom, pan });
  }

  /** Zooms around the middle. */
  zoomBy(factor: number): void {
    this.#touched = true;
    const { width, height } = this.#host.getBoundingClientRect();
    this.#zoomAt(factor, { x: width / 2, y: height / 2 });
  }

  #zoomAt(factor: number, renderedPosition: { x: number; y: number }): void {
    this.#cy.zoom({ level: this.#cy.zoom() * factor, renderedPosition });
  }

  /** Moves the picture just so far that a thing is in view. */
  reveal(id: string): void {
    const element = this.#cy.getElementById(id);
    if (element.empty()) return;
    const { width, height } = this.#host.getBoundingClientRect();
    const at = element.renderedPosition();
    const by = (centre: number, size: number, room: number) =>
      centre - size / 2 < MARGIN
        ? MARGIN - (centre - size / 2)
        : Math.min(0, Math.max(room - MARGIN - (centre + size / 2), MARGIN - (centre - size / 2)));
    const dx = by(at.x, element.renderedWidth(), width);
    const dy = by(at.y, element.renderedHeight(), height - LABEL);
    if (!dx && !dy) return;
    this.#touched = true;
    this.#cy.panBy({ x: dx, y: dy });
  }

  /** Where a thing is in the element, for menus. */
  placeOf(id: string): { x: number; y: number } | undefined {
    const element = this.#cy.getElementById(id);
    return element.empty() ? undefined : element.renderedPosition();
  }

  /** The element's size changed. */
  resize(): void {
    this.#cy.resize();
  }
}

function boxLook(box: SceneBox): Drawn & { data: Record<string, unknown> } {
  const { width, height, kind, control } = box;
  const silent = box.node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status !== 'True') ?? false;
  return {
    x: box.x + width / 2,
    y: box.y + height / 2,
    width,
    height,
    look: `${String(width)}|${String(height)}`,
    classes: `box ${kind}${control ? ' control' : ''}${silent ? ' silent' : ''}`,
    data: { width, height },
  };
}
