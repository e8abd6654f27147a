/** Where from, where to, and the buttons that send. */
import { Send } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { PacketTraceSpec } from '../../api/kubarium/packet-trace.ts';
import type { Service } from '../../api/generated/types.ts';
import { useList } from '../cluster/hooks.ts';
import type { ResourceRef } from '../cluster/live-store.ts';
import { NODES, PODS } from '../cluster/resources.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { showToast } from '../state/toasts.ts';
import { Button } from '../widgets/button.tsx';
import { endOf, nodePlaces, podPlaces, servicePlaces, typedEnd, usualPort } from './places.ts';
import type { Place } from './places.ts';
import { useSend } from './use-traces.ts';
import { usePackets } from './view-state.ts';
import styles from './send-form.module.css';

const SERVICES: ResourceRef<Service> = { group: '', version: 'v1', plural: 'services' };
const TYPED = 'typed';
const EXTERNAL = 'external';
const MANY = 100;

/** The choices, and the spec that they make; `undefined` while something is missing. */
export function useSpec(): {
  sources: Place[];
  targets: Place[];
  from: string;
  to: string;
  port: string;
  spec: PacketTraceSpec | undefined;
} {
  const pods = useList(PODS).items;
  const services = useList(SERVICES).items;
  const nodes = useList(NODES).items;
  const { from: chosenFrom, to: chosenTo, host, port: chosenPort, protocol, compare } = usePackets();
  const sources = useMemo(() => [...podPlaces(pods), ...nodePlaces(nodes)], [pods, nodes]);
  const targets = useMemo(() => [...servicePlaces(services), ...podPlaces(pods), ...nodePlaces(nodes)], [services, pods, nodes]);
  const has = (places: readonly Place[], value: string) => places.some((place) => place.value === value);
  const from = chosenFrom === EXTERNAL || has(sources, chosenFrom) ? chosenFrom : (sources[0]?.value ?? EXTERNAL);
  const to = chosenTo === TYPED || has(targets, chosenTo) ? chosenTo : (targets[0]?.value ?? TYPED);
  const port = chosenPort || String(usualPort(to, services, pods));
  const spec = useMemo((): PacketTraceSpec | undefined => {
    if (to === TYPED && host.trim() === '') return undefined;
    const target = to === TYPED ? typedEnd(host.trim()) : endOf(to);
    const ports = protocol === 'ICMP' ? {} : { port: Number(port) };
    return { from: endOf(from), to: target, protocol, ...ports, ...(compare !== 'none' && { compare: [compare] }) };
  }, [from, to, host, port, protocol, compare]);
  return { sources, targets, from, to, port, spec };
}

/** The form. */
export function SendForm({ proxyMode }: { proxyMode: string | undefined }) {
  const t = useText(packetsText);
  const { sources, targets, from, to, port, spec } = useSpec();
  const { host, protocol, compare, set } = usePackets();
  const send = useSend();
  const [busy, setBusy] = useState(false);
  const run = async (count: number) => {
    if (spec === undefined) return;
    setBusy(true);
    try {
      const trace = await send(count > 1 ? { ...spec, count } : spec);
      set({ trace, step: 0, mode: 'picture' });
    } catch (error) {
      showToast({ tone: 'error', text: t('refused'), detail: error instanceof Error ? error.message : String(error) });
    }
    setBusy(false);
  };
  const modes = (['iptables', 'ipvs', 'nftables'] as const).filter((mode) => mode !== proxyMode);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void run(1);
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
        <span>{t('protocol')}</span>
        <select value={protocol} onChange={(event) => set({ protocol: event.target.value as typeof protocol })}>
          {(['TCP', 'UDP', 'ICMP'] as const).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {protocol !== 'ICMP' && (
        <label className={styles.field}>
          <span>{t('port')}</span>
          <input
            className={styles.port}
            inputMode="numeric"
            value={port}
            onChange={(event) => set({ port: event.target.value.replace(/\D/g, '') })}
          />
        </label>
      )}
      <label className={styles.field}>
        <span>{t('compare')}</span>
        <select value={compare} onChange={(event) => set({ compare: event.target.value as typeof compare })}>
          <option value="none">{t('compare.none')}</option>
          {modes.map((mode) => (
            <option key={mode}>{mode}</option>
          ))}
        </select>
      </label>
      <Button look="primary" icon={Send} type="submit" disabled={busy || spec === undefined}>
        {busy ? t('sending') : t('send')}
      </Button>
      <Button disabled={busy || spec === undefined} onClick={() => void run(MANY)}>
        {t('sendMany', { n: MANY })}
      </Button>
    </form>
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
