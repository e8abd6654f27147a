/** Ways from an object to the views that tell more about it: what set it in motion, its history in etcd, a packet to it. */
import { Database, Send, Workflow } from 'lucide-react';
import { resourceByKind } from '../../api/index.ts';
import { inspectorText } from '../i18n/areas/inspector.ts';
import { useText } from '../i18n/text.ts';
import { showStoryOf } from '../state/loop-view.ts';
import { sendFrom, sendTo } from '../state/packets-view.ts';
import { showKeyOf } from '../state/store-view.ts';
import styles from './looks.module.css';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { LucideIcon } from 'lucide-react';

interface Look {
  label: string;
  icon: LucideIcon;
  go(): void;
}

/** A row of links; kinds that the cluster does not know have none. */
export function Looks({ object }: { object: KubernetesObject }) {
  const t = useText(inspectorText);
  const resource = resourceByKind(object.apiVersion, object.kind);
  if (!resource) return null;
  const { namespace, name } = object.metadata;
  const place = `${namespace ?? ''}/${name}`;
  const sends: Look[] = [];
  if (object.kind === 'Service') sends.push({ label: t('look.sendTo'), icon: Send, go: () => sendTo(`service/${place}`) });
  if (object.kind === 'Pod' && (object as Pod).status?.phase === 'Running')
    sends.push({ label: t('look.sendFrom'), icon: Send, go: () => sendFrom(`pod/${place}`) });
  const looks: Look[] = [
    ...sends,
    { label: t('look.story'), icon: Workflow, go: () => showStoryOf(resource.plural, namespace, name) },
    { label: t('look.store'), icon: Database, go: () => showKeyOf(resource, namespace, name) },
  ];
  return (
    <nav className={styles.looks} aria-label={t('looks')}>
      {looks.map(({ label, icon: Icon, go }) => (
        <button key={label} type="button" className={styles.look} onClick={go}>
          <Icon size={14} strokeWidth={1.5} aria-hidden />
          {label}
        </button>
      ))}
    </nav>
  );
}
