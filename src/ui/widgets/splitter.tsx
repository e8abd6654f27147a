/** The line between a dock and the view (ARIA window splitter): dragged with the pointer, moved with arrows, closed with Enter. */
import { useRef } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';
import styles from './splitter.module.css';

interface SplitterProps {
  label: string;
  /** The dock it belongs to lies on this side of it. */
  side: 'left' | 'right' | 'bottom';
  /** px */
  size: number;
  min: number;
  max: number;
  onResize(size: number): void;
  onToggle(): void;
}

const STEP = 24;
/** The arrow that makes the dock larger. */
const GROWS = { left: 'ArrowRight', right: 'ArrowLeft', bottom: 'ArrowUp' };
const SHRINKS = { left: 'ArrowLeft', right: 'ArrowRight', bottom: 'ArrowDown' };

/** The line. */
export function Splitter({ label, side, size, min, max, onResize, onToggle }: SplitterProps) {
  const start = useRef<{ at: number; size: number } | undefined>(undefined);
  const at = (event: PointerEvent) => (side === 'bottom' ? -event.clientY : side === 'right' ? -event.clientX : event.clientX);
  const set = (wanted: number) => onResize(Math.round(Math.min(max, Math.max(min, wanted))));
  const onKeyDown = (event: KeyboardEvent) => {
    const sizes: Record<string, number> = { [GROWS[side]]: size + STEP, [SHRINKS[side]]: size - STEP, Home: min, End: max };
    const wanted = sizes[event.key];
    if (wanted === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (wanted === undefined) onToggle();
    else set(wanted);
  };
  return (
    <div
      className={`${styles.splitter} ${styles[side]}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={side === 'bottom' ? 'horizontal' : 'vertical'}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      onKeyDown={onKeyDown}
      onDoubleClick={onToggle}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { at: at(event), size };
      }}
      onPointerMove={(event) => {
        if (start.current) set(start.current.size + at(event) - start.current.at);
      }}
      onPointerUp={() => {
        start.current = undefined;
      }}
      onPointerCancel={() => {
        start.current = undefined;
      }}
    />
  );
}
