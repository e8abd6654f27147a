/**
 * Motion in the picture: a pod grows from its owner's edge, glides when it moves, shrinks when it goes. Whatever is interrupted is
 * at its end at once, and so is what would be one moving thing too many.
 */
import type { NodeSingular } from 'cytoscape';

/** How long motions take, ms. */
export interface MotionTimes {
  create: number;
  move: number;
  leave: number;
  /** False: nothing changes its place or size visibly, things are faded over. */
  travels: boolean;
}

/** At most so many things move at once. */
const MAX_MOVING = 12;
/** What a thing begins with and shrinks to, px. */
const SPECK = 4;

interface Point {
  x: number;
  y: number;
}

/** Where the line from the middle of `box` to `to` leaves it; its middle when it does not. */
export function edgePoint(box: Point & { width: number; height: number }, to: Point): Point {
  const [dx, dy] = [to.x - box.x, to.y - box.y];
  const share = Math.min(box.width / 2 / Math.abs(dx), box.height / 2 / Math.abs(dy));
  return share < 1 ? { x: box.x + dx * share, y: box.y + dy * share } : { x: box.x, y: box.y };
}

/** The motions under way in one graph. */
export class GraphMotion {
  readonly #moving = new Set<string>();

  /** A new thing: grows from the edge of its owner, if that is drawn. */
  appear(element: NodeSingular, owner: NodeSingular | undefined, times: MotionTimes): void {
    if (this.#moving.size >= MAX_MOVING) return;
    if (!times.travels) return this.#fadeIn(element, times.create);
    const to = { ...element.position() };
    const [width, height] = [element.width(), element.height()];
    if (owner) element.position(edgePoint({ ...owner.position(), width: owner.width(), height: owner.height() }, to));
    element.style({ width: SPECK, height: SPECK });
    this.#run(element, { position: to, style: { width, height } }, times.create);
  }

  /** A thing has another place. */
  move(element: NodeSingular, to: Point, times: MotionTimes | undefined): void {
    this.stop(element);
    if (times?.travels && this.#moving.size < MAX_MOVING) return this.#run(element, { position: { x: to.x, y: to.y } }, times.move);
    element.position({ x: to.x, y: to.y });
    if (times && this.#moving.size < MAX_MOVING) this.#fadeIn(element, times.move);
  }

  /** A thing goes; `done` when it is no longer seen. */
  leave(element: NodeSingular, times: MotionTimes, done: () => void): void {
    this.stop(element);
    if (this.#moving.size >= MAX_MOVING) return done();
    this.#run(element, { style: times.travels ? { width: SPECK, height: SPECK, opacity: 0 } : { opacity: 0 } }, times.leave, done);
  }

  /** Ends the motion of a thing. */
  stop(element: NodeSingular): void {
    if (!this.#moving.delete(element.id())) return;
    element.stop(true);
    element.removeStyle();
  }

  #fadeIn(element: NodeSingular, duration: number): void {
    element.style('opacity', 0);
    this.#run(element, { style: { opacity: 1 } }, duration);
  }

  #run(element: NodeSingular, to: { position?: Point; style?: Record<string, number> }, duration: number, done?: () => void): void {
    const id = element.id();
    this.#moving.add(id);
    const complete = () => {
      if (!this.#moving.delete(id)) return;
      element.removeStyle();
      done?.();
    };
    element.animate(to, { duration, easing: 'ease-out', complete });
  }
}
