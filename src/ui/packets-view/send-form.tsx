/** Where from, where to, and the buttons that send. */
import { Send } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { PacketTrace, PacketTraceSpec } from '../../api/kubarium/packet-trace.ts';
import type { Pod, Service } from '../../api/generated/types.ts';
import { useList } from '../cluster/hooks.ts';
import type { ResourceRef } from '../cluster/live-store.ts';
import { NODES, PODS } from '../cluster/resources.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { showToast } from '../state/toasts.ts';
import { Button } from '../widgets/button.tsx';
import { choiceOf, endOf, nodePlaces, podPlaces, servicePlaces, typedEnd, usualPort } from './places.ts';
import type { Place } from './places.ts';
import { useProxyMode } from './proxy-mode.tsx';
import { TargetFacts } from './target-facts.tsx';
import { useSend } from './use-traces.ts';
import { usePackets } from '../state/packets-view.ts';
import type { ComparedMode } from '../state/packets-view.ts';
import styles from './send-form.module.css';

const SERVICES: ResourceRef<Service> = { group: '', version: 'v1', plural: 'services' };
const TYPED = 'typed';
const EXTERNAL = 'external';
const MANY = 100;

/** The choices, and the spec that they make. */
export interface Choices {
  sources: Place[];
  targets: Place[];
  from: string;
  to: string;
  port: string;
  compare: 'none' | ComparedMode;
  /** Modes to compare with: all but the cluster's own. */
  modes: readonly ComparedMode[];
  /** The chosen Service, and the pods that it may have. */
  service: Service | undefined;
  pods: readonly Pod[];
  /** Undefined while something is missing. */
  spec: PacketTraceSpec | undefined;
}

const COMPARABLE: readonly ComparedMode[] = ['iptables', 'ipvs', 'nftables'];

/** What is chosen; what is not is as it was in the last trace, else the first pod and the first Service. */
export function useChoices(last: PacketTrace | undefined): Choices {
  const pods = useList(PODS).items;
  const services = useList(SERVICES).items;
  const nodes = useList(NODES).items;
  const { from: chosenFrom, to: chosenTo, host, port: chosenPort, protocol, compare: chosenMode } = usePackets();
  const ownMode = useProxyMode();
  const sources = useMemo(() => [...podPlaces(pods), ...nodePlaces(nodes)], [pods, nodes]);
  const targets = useMemo(() => [...servicePlaces(services), ...podPlaces(pods), ...nodePlaces(nodes)], [services, pods, nodes]);
  const has = (places: readonly Place[], value: string) => places.some((place) => place.value === value);
  const namespace = last?.metadata.namespace ?? 'default';
  const pick = (chosen: string, before: string, places: readonly Place[], other: string): string =>
    [chosen, before].find((value) => value === other || has(places, value)) ?? places[0]?.value ?? other;
  const from = pick(chosenFrom, last ? choiceOf(last.spec.from, namespace) : '', sources, EXTERNAL);
  const to = pick(chosenTo, last ? choiceOf(last.spec.to, namespace) : '', targets, TYPED);
  const lastPort = chosenTo === '' && last && to === choiceOf(last.spec.to, namespace) ? last.spec.port : undefined;
  const port = chosenPort || String(lastPort ?? usualPort(to, services, pods));
  const modes = COMPARABLE.filter((mode) => mode !== ownMode);
  const compare =
    chosenMode === 'none' ? 'none' : (modes.find((mode) => mode === chosenMode) ?? (ownMode === 'ipvs' ? 'iptables' : 'ipvs'));
  const spec = useMemo((): PacketTraceSpec | undefined => {
    if (to === TYPED && host.trim() === '') return undefined;
    const target = to === TYPED ? typedEnd(host.trim()) : endOf(to);
    const ports = protocol === 'ICMP' ? {} : { port: Number(port) };
    return { from: endOf(from), to: target, protocol, ...ports, ...(compare !== 'none' && { compare: [compare] }) };
  }, [from, to, host, port, protocol, compare]);
  const service = services.find(({ metadata }) => to === `service/${metadata.namespace ?? ''}/${metadata.name}`);
  return { sources, targets, from, to, port, compare, modes, service, pods, spec };
}

/** Sends a trace and shows it; a refusal is told. */
export function useRun(): { busy: boolean; run(spec: PacketTraceSpec): Promise<void> } {
  const t = useText(packetsText);
  const set = usePackets((state) => state.set);
  const send = useSend();
  const [busy, setBusy] = useState(false);
  const run = async (spec: PacketTraceSpec) => {
    setBusy(true);
    try {
      set({ trace: await send(spec), step: 0 });
      const { mode } = usePackets.getState();
      if (mode !== 'text') set({ mode: 'picture' });
    } catch (error) {
      showToast({ tone: 'error', text: t('refused'), detail: error instanceof Error ? error.message : String(error) });
    }
    setBusy(false);
  };
  return { busy, run };
}

/** The form. */
export function SendForm({ choices }: { choices: Choices }) {
  const t = useText(packetsText);
  const { sources, targets, from, to, port, service, pods, spec } = choices;
  const { host, protocol, set } = usePackets();
  const { busy, run } = useRun();
  const sendCount = (count: number) => {
    if (spec !== undefined) void run(count > 1 ? { ...spec, count } : spec);
  };
  return (
    <>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          sendCount(1);
        }}
      >
        <PlaceSelect
          label={t('from')}
          value={from}
          places={sources}
          other={{ value: EXTERNAL, label: t('external') }}
          onChange={(value) => set({ from: value })}
        />
        <PlaceSelect
          label={t('to')}
          value={to}
          places={targets}
          other={{ value: TYPED, label: t('typed') }}
          onChange={(value) => set({ to: value, port: '' })}
        />
        {to === TYPED && (
          <input
            className={styles.host}
            aria-label={t('host')}
            placeholder="example.com"
            value={host}
            onChange={(event) => set({ host: event.target.value })}
          />
        )}
        <label className={styles.field}>
          <select
            aria-label={t('protocol')}
            value={protocol}
            onChange={(event) => set({ protocol: event.target.value as typeof protocol })}
          >
            {(['TCP', 'UDP', 'ICMP'] as const).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        {protocol !== 'ICMP' && (
          <label className={styles.field}>
            <input
              aria-label={t('port')}
              className={styles.port}
              inputMode="numeric"
              value={port}
              onChange={(event) => set({ port: event.target.value.replace(/\D/g, '') })}
            />
          </label>
        )}
        <Button look="primary" icon={Send} type="submit" disabled={busy || spec === undefined}>
          {busy ? t('sending') : t('send')}
        </Button>
        <Button disabled={busy || spec === undefined} onClick={() => sendCount(MANY)}>
          {t('sendMany', { n: MANY })}
        </Button>
      </form>
      <TargetFacts service={service} pods={pods} />
    </>
  );
}

interface PlaceSelectProps {
  label: string;
  value: string;
  places: readonly Place[];
  other: { value: string; label: string };
  onChange(value: string): void;
}

function PlaceSelect({ label, value, places, other, onChange }: PlaceSelectProps) {
  const t = useText(packetsText);
  const groups = [...new Set(places.map(({ group }) => group))];
  return (
    <label className={styles.field}>
      <span>{label}</span>
      <select className={styles.place} value={value} onChange={(event) => onChange(event.target.value)}>
        {groups.map((group) => (
          <optgroup key={group} label={t(`group.${group}`)}>
            {places
              .filter((place) => place.group === group)
              .map((place) => (
                <option key={place.value} value={place.value}>
                  {place.label}
                </option>
              ))}
          </optgroup>
        ))}
        <optgroup label={t('group.outside')}>
          <option value={other.value}>{other.label}</option>
        </optgroup>
      </select>
    </label>
  );
}
