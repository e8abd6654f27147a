/** What a place says when there is nothing to show, with a way on. */
import type { ReactNode } from 'react';
import styles from './empty-state.module.css';

/** A sentence, more about it, and buttons. */
export function EmptyState({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.more}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
