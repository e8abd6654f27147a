/** Text for screen readers where a sign stands for it. */
import styles from './hidden.module.css';

/** Read aloud, not seen. */
export function Hidden({ children }: { children: string }) {
  return <span className={styles.hidden}>{children}</span>;
}
