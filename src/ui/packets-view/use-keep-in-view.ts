/** Keeps the current line of a scrolled list in view: when another becomes current, and when the list gets smaller. */
import { useEffect } from 'react';

/** Watches the line with this id, or none. */
export function useKeepInView(id: string | undefined): void {
  useEffect(() => {
    const line = id === undefined ? null : document.getElementById(id);
    const box = line?.closest('[role=listbox], section');
    if (!line || !box) return;
    const observer = new ResizeObserver(() => line.scrollIntoView({ block: 'nearest' })); // called once for the present size
    observer.observe(box);
    return () => observer.disconnect();
  }, [id]);
}
