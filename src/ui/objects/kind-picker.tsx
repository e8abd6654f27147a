/** The kinds by API group with their counts: a list where there is room, else a select. */
import { useMemo, useState } from 'react';
import { objectsText } from '../i18n/areas/objects.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import styles from './kind-picker.module.css';
import type { ResourceDefinition } from '../../api/resource.ts';

interface KindPickerProps {
  resources: readonly ResourceDefinition[];
  counts: ReadonlyMap<string, number>;
  chosen: string;
  onChoose(resource: ResourceDefinition): void;
  idOf(resource: ResourceDefinition): string;
}

/** The picker. */
export function KindPicker({ resources, counts, chosen, onChoose, idOf }: KindPickerProps) {
  const t = useText(objectsText);
  const language = useLanguage();
  const [filter, setFilter] = useState('');
  const groups = useMemo(() => {
    const byGroup = new Map<string, ResourceDefinition[]>();
    for (const resource of resources) byGroup.set(resource.group, [...(byGroup.get(resource.group) ?? []), resource]);
    return [...byGroup];
  }, [resources]);
  const text = filter.trim().toLowerCase();
  const fits = ({ kind, plural, shortNames }: ResourceDefinition) =>
    !text || kind.toLowerCase().includes(text) || plural.includes(text) || shortNames.includes(text);
  const shown = groups.map(([group, list]) => [group, list.filter(fits)] as const).filter(([, list]) => list.length);
  return (
    <>
      <nav className={styles.list} aria-label={t('kinds')}>
        <input
          className={styles.filter}
          type="search"
          placeholder={t('kinds.filter')}
          aria-label={t('kinds.filter')}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        {shown.map(([group, list]) => (
          <section key={group}>
            <h2 className={styles.group}>{group || t('core')}</h2>
            <ul>
              {list.map((resource) => {
                const id = idOf(resource);
                const count = counts.get(id) ?? 0;
                return (
                  <li key={id}>
                    <button
                      type="button"
                      className={styles.kind}
                      aria-current={id === chosen}
                      data-empty={count === 0}
                      onClick={() => onChoose(resource)}
                    >
                      <span>{resource.kind}</span>
                      <span className={styles.count}>{formatNumber(language, count)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </section>
        ))}
      </nav>
      <label className={styles.select}>
        {t('kind.label')}
        <select
          value={chosen}
          onChange={(event) => {
            const found = resources.find((resource) => idOf(resource) === event.target.value);
            if (found) onChoose(found);
          }}
        >
          {groups.map(([group, list]) => (
            <optgroup key={group} label={group || t('core')}>
              {list.map((resource) => (
                <option key={idOf(resource)} value={idOf(resource)}>
                  {resource.kind} ({formatNumber(language, counts.get(idOf(resource)) ?? 0)})
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
    </>
  );
}
