/** One plugin of the visitor's: consent before it runs, then what became of it, always beside its text. */
import { useState } from 'react';
import { SchedulerPluginResource, schedulerNameOf } from '../../api/kubarium/scheduler-plugin.ts';
import { useCluster } from '../cluster/hooks.ts';
import { schedulerLabText } from '../i18n/areas/scheduler-lab.ts';
import { useText } from '../i18n/text.ts';
import { attempt } from '../state/attempt.ts';
import { openInEditor, useDocuments } from '../state/documents.ts';
import { showToast } from '../state/toasts.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button } from '../widgets/button.tsx';
import { PluginTrial } from './plugin-trial.tsx';
import { codeOf, fileOf, stateOf } from './plugin-model.ts';
import styles from './plugin.module.css';
import type { PluginState } from './plugin-model.ts';
import type { SchedulerPlugin } from '../../api/kubarium/scheduler-plugin.ts';
import type { Pod } from '../../api/generated/types.ts';

/** As src/scheduler/quickjs-host.ts, user-plugins.ts and user-schedulers.ts have it. */
const BUDGET = { steps: 2_000_000, memory: 2, failures: 5 };
const SCHEDULER_BUDGET = { ...BUDGET, memory: 16 };
const GLYPHS = { waiting: '?', ready: '✓', failing: '!', stopped: '■', broken: '✗' };

interface PluginCardProps {
  plugin: SchedulerPlugin;
  pod: Pod | undefined;
}

/** Allows or stops. The resource version goes along: consent is for the text that was read, not for a later one. */
function usePluginActs({ metadata }: SchedulerPlugin) {
  const t = useText(schedulerLabText);
  const { actions } = useCluster();
  const { name, resourceVersion } = metadata;
  const patch = async (approved: boolean, version?: string) => {
    const body = { ...(version !== undefined && { metadata: { resourceVersion: version } }), spec: { approved } };
    const { object } = await actions.patch(SchedulerPluginResource, undefined, name, body);
    return (object as SchedulerPlugin).metadata.resourceVersion;
  };
  return {
    allow: (again: boolean) => {
      const act = async () => {
        // What was stopped begins anew when consent is given anew.
        const version = again ? await patch(false, resourceVersion) : resourceVersion;
        await patch(true, version);
        showToast({ text: t('plugin.allowed', { name }) });
      };
      attempt(act());
    },
    stop: () => attempt(patch(false).then(() => showToast({ text: t('plugin.held', { name }) }))),
    remove: () =>
      attempt(actions.remove(SchedulerPluginResource, undefined, name).then(() => showToast({ text: t('plugin.deleted', { name }) }))),
  };
}

/** The card. */
export function PluginCard({ plugin, pod }: PluginCardProps) {
  const t = useText(schedulerLabText);
  const { allow, stop, remove } = usePluginActs(plugin);
  const [tried, setTried] = useState(false);
  const { metadata, spec, status } = plugin;
  const { name } = metadata;
  const { state, message } = stateOf(plugin);
  const { language = 'JavaScript', weight = 1 } = spec;
  const points = status?.extensionPoints ?? [];
  const scheduler = schedulerNameOf(plugin);
  return (
    <section className={styles.card} aria-label={name} data-state={state}>
      <header className={styles.head}>
        <h2>{name}</h2>
        <span className={styles.state}>
          <span aria-hidden="true">{GLYPHS[state]}</span> {t(stateKey(state, scheduler !== undefined))}
        </span>
        <span className={styles.muted}>
          {scheduler === undefined ? t('plugin.about', { language, weight }) : t('plugin.aboutScheduler', { language, scheduler })}
          {scheduler === undefined && points.length > 0 && state !== 'waiting' && `, ${t('plugin.points', { points: points.join(', ') })}`}
        </span>
      </header>
      {message !== '' && (
        <p className={styles.message} role="status">
          {message} {(status?.failures ?? 0) > 0 && state === 'failing' && t('plugin.failures', { n: status?.failures ?? 0 })}
        </p>
      )}
      {state === 'waiting' && <Consent plugin={plugin} onAllow={() => allow(false)} />}
      <div className={styles.row}>
        {(state === 'stopped' || state === 'broken') && <Button onClick={() => allow(true)}>{t('plugin.again')}</Button>}
        {(state === 'ready' || state === 'failing') && pod && (
          <Button aria-pressed={tried} onClick={() => setTried(!tried)}>
            {t('plugin.try', { pod: pod.metadata.name })}
          </Button>
        )}
        {state !== 'waiting' && <Button onClick={stop}>{t('plugin.stop')}</Button>}
        <Button onClick={() => attempt(openInEditor(editable(plugin)))}>{t('plugin.edit')}</Button>
        <Button onClick={remove}>{t('plugin.delete')}</Button>
      </div>
      {tried && pod && (state === 'ready' || state === 'failing') && <PluginTrial name={name} pod={pod} scheduler={scheduler} />}
      <Text plugin={plugin} />
    </section>
  );
}

/** A scheduler does not take part, it schedules. */
function stateKey(state: PluginState, scheduler: boolean) {
  if (scheduler && state === 'ready') return 'plugin.schedules';
  return scheduler && state === 'failing' ? 'plugin.schedulesBadly' : (`plugin.state.${state}` as const);
}

/** What a person would write: neither consent nor what the editor compiles. */
function editable(plugin: SchedulerPlugin): SchedulerPlugin {
  const { approved: _consent, compiled: _compiled, ...spec } = plugin.spec;
  return { ...plugin, spec };
}

function Consent({ plugin, onAllow }: { plugin: SchedulerPlugin; onAllow(): void }) {
  const t = useText(schedulerLabText);
  const files = useDocuments((state) => state.files);
  const openedLink = useUiState((state) => state.openedLink);
  const file = fileOf(plugin, files);
  const foreign = openedLink !== undefined ? 'plugin.who.link' : 'plugin.who.elsewhere';
  const code = codeOf(plugin);
  const scheduler = schedulerNameOf(plugin);
  return (
    <div className={styles.consent}>
      <h3>{t('plugin.consent', { name: plugin.metadata.name })}</h3>
      <dl>
        <dt>{t('plugin.who')}</dt>
        <dd>{file ? t('plugin.who.editor', { file: file.name }) : t(foreign)}</dd>
        <dt>{t('plugin.can')}</dt>
        <dd>{scheduler === undefined ? t('plugin.can.text') : t('plugin.can.scheduler', { scheduler })}</dd>
        <dt>{t('plugin.cannot')}</dt>
        <dd>{t('plugin.cannot.text')}</dd>
        <dt>{t('plugin.budget')}</dt>
        <dd>{scheduler === undefined ? t('plugin.budget.text', BUDGET) : t('plugin.budget.scheduler', SCHEDULER_BUDGET)}</dd>
      </dl>
      <div className={styles.row}>
        <Button look="primary" disabled={code === undefined} onClick={onAllow}>
          {t('plugin.allow')}
        </Button>
        <span className={styles.muted}>{t('plugin.scope')}</span>
      </div>
    </div>
  );
}

/** The text that runs; of TypeScript the source as well, for a link may carry one that is not what runs. */
function Text({ plugin }: { plugin: SchedulerPlugin }) {
  const t = useText(schedulerLabText);
  const code = codeOf(plugin);
  const { name } = plugin.metadata;
  return (
    <>
      <h3>{t('plugin.runs')}</h3>
      {code === undefined ? (
        <p className={styles.muted}>{t('plugin.noCompiled')}</p>
      ) : (
        <pre className={styles.code} tabIndex={0} role="region" aria-label={`${t('plugin.runs')}: ${name}`}>
          {code}
        </pre>
      )}
      {plugin.spec.language === 'TypeScript' && (
        <details>
          <summary>{t('plugin.source')}</summary>
          <pre className={styles.code} tabIndex={0} role="region" aria-label={`${t('plugin.source')}: ${name}`}>
            {plugin.spec.source}
          </pre>
        </details>
      )}
    </>
  );
}
