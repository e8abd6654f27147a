/** The inspector: everything about the selected object, and what can be done to it. */
import { useState } from 'react';
import { resourceByKind } from '../../api/index.ts';
import { useObject } from '../cluster/hooks.ts';
import { useCalmList } from '../cluster/use-calm-list.ts';
import { EVENTS } from '../cluster/resources.ts';
import { inspectorText } from '../i18n/areas/inspector.ts';
import { useText } from '../i18n/text.ts';
import { eventsOf } from '../model/evidence.ts';
import { useUiState } from '../state/ui-state.ts';
import { EmptyState } from '../widgets/empty-state.tsx';
import { Tabs } from '../widgets/tabs.tsx';
import { EventsTab } from './events-tab.tsx';
import { Header } from './header.tsx';
import { LogsTab } from './logs-tab.tsx';
import { Overview } from './overview.tsx';
import { YamlTab } from './yaml-tab.tsx';
import styles from './panel.module.css';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod } from '../../api/generated/types.ts';

/** The tabs of the inspector. */
export type InspectorTab = 'overview' | 'events' | 'yaml' | 'logs';

/** The panel. */
export function Panel() {
  const t = useText(inspectorText);
  const selection = useUiState((state) => state.selection);
  const resource = selection && resourceByKind(selection.apiVersion, selection.kind);
  const object = useObject<KubernetesObject>(resource, selection?.namespace, selection?.name);
  if (!selection) return <EmptyState title={t('empty.title')}>{t('empty.hint')}</EmptyState>;
  if (!object) return <EmptyState title={t('gone.title', { kind: selection.kind, name: selection.name })}>{t('gone.hint')}</EmptyState>;
  return <Inspector key={`${selection.kind}/${selection.namespace ?? ''}/${selection.name}`} object={object} />;
}

function Inspector({ object }: { object: KubernetesObject }) {
  const t = useText(inspectorText);
  const [tab, setTab] = useState<InspectorTab>('overview');
  const [log, setLog] = useState<{ container?: string; previous: boolean }>({ previous: false });
  const { items } = useCalmList(EVENTS, { namespace: object.metadata.namespace });
  const events = eventsOf(object, items);
  const tabs = [
    { id: 'overview', label: t('tab.overview') },
    { id: 'events', label: t('tab.events'), ...(events.length && { badge: events.length }) },
    { id: 'yaml', label: t('tab.yaml') },
    ...(object.kind === 'Pod' ? [{ id: 'logs', label: t('tab.logs') }] : []),
  ];
  const showLog = (container: string, previous: boolean) => {
    setLog({ container, previous });
    setTab('logs');
  };
  return (
    <div className={styles.inspector}>
      <Header object={object} />
      <div className={styles.tabs}>
        <Tabs label={t('tabs')} tabs={tabs} current={tab} onSelect={(id) => setTab(id as InspectorTab)} prefix="inspector" />
      </div>
      <div className={styles.body} role="tabpanel" id="inspector-panel" aria-labelledby={`inspector-tab-${tab}`} tabIndex={0}>
        {tab === 'overview' && <Overview object={object} onLog={showLog} onEvents={() => setTab('events')} />}
        {tab === 'events' && <EventsTab events={events} />}
        {tab === 'yaml' && <YamlTab object={object} />}
        {tab === 'logs' && (
          <LogsTab
            key={`${log.container ?? ''}${String(log.previous)}`}
            pod={object as Pod}
            container={log.container}
            previous={log.previous}
          />
        )}
      </div>
    </div>
  );
}
