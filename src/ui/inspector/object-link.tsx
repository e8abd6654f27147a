/** The name of an object that selects it. */
import { useUiState } from '../state/ui-state.ts';
import styles from './object-link.module.css';
import type { ObjectRef } from '../model/evidence.ts';
import type { ReactNode } from 'react';

/** A link; shows `children` or "name". */
export function ObjectLink({ to, children }: { to: ObjectRef; children?: ReactNode }) {
  const select = useUiState((state) => state.select);
  return (
    <button type="button" className={styles.link} onClick={() => select(to, true)}>
      {children ?? to.name}
    </button>
  );
}
