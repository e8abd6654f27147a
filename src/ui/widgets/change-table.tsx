/** What differs between two versions of an object: path, before, after. */
import { widgetsText } from '../i18n/areas/widgets.ts';
import { useText } from '../i18n/text.ts';
import type { JsonChange } from '../../apimachinery/json-changes.ts';
import styles from './change-table.module.css';

const MAX_TEXT = 300;

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
};

/** The table. */
export function ChangeTable({ changes }: { changes: readonly JsonChange[] }) {
  const t = useText(widgetsText);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t('changes.path')}</th>
          <th scope="col">{t('changes.before')}</th>
          <th scope="col">{t('changes.after')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ path, from, to }) => (
          <tr key={path}>
            <th scope="row">{path.replace(/(?<=.)(?=[.[])/g, '\u200b')}</th>
            <td>{from === undefined ? <span className={styles.none}>{t('changes.absent')}</span> : <del>{shown(from)}</del>}</td>
            <td>{to === undefined ? <span className={styles.none}>{t('changes.absent')}</span> : <ins>{shown(to)}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
