/** Hears a press of the pointer outside of an element. */
import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';

/** Calls `onOutside` while `active`. */
export function useClickOutside(element: RefObject<HTMLElement | null>, active: boolean, onOutside: () => void): void {
  const latest = useRef(onOutside);
  useEffect(() => {
    latest.current = onOutside;
  });
  useEffect(() => {
    if (!active) return;
    const onPointerDown = (event: PointerEvent) => {
      if (!element.current?.contains(event.target as Node)) latest.current();
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [element, active]);
}
