/** A pod's hexagon in the page, as it looks in the picture. Its word always stands beside it, so it is hidden from screen readers. */
import { useId } from 'react';
import { hexagonMarkup } from '../model/look.ts';
import { usePalette } from './use-look.ts';
import type { PodState } from '../model/pod-state.ts';

/** The hexagon of a state, `size` px high. */
export function PodGlyph({ state, size = 18 }: { state: PodState; size?: number }) {
  const palette = usePalette();
  const id = useId();
  return (
    <svg
      className="pod-glyph"
      width={size}
      height={size}
      viewBox="-15.5 -15.5 31 31"
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: hexagonMarkup(state, palette, id) }}
    />
  );
}
