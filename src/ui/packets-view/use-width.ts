/** How many columns of text fit into an element. */
import { useLayoutEffect, useState } from 'react';
import type { RefObject } from 'react';

/** The element's width in rem, so that larger type has fewer columns; 0 before it is measured. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    const measure = () =>
      setWidth(Math.round(current.clientWidth / Number.parseFloat(getComputedStyle(document.documentElement).fontSize)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
