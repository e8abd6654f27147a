/**
 * The way at a glance: machines as frames, network namespaces as boxes in them, devices in the order the packet met them. The list of steps
 * below says the same with more detail and is what a keyboard moves in; a click on a box goes to its first step.
 */
import { ArrowLeft, ArrowRight } from 'lucide-react';
import { Fragment, useMemo } from 'react';
import type { PacketTraceHop } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import type { Language } from '../i18n/languages.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { hopWords } from './hop-words.ts';
import type { SayPackets } from './hop-words.ts';
import { machinesOf, stationsOf } from './route-map-model.ts';
import type { Machine, Station } from './route-map-model.ts';
import styles from './route-map.module.css';

interface RouteMapProps {
  hops: readonly PacketTraceHop[];
  step: number;
  onStep(step: number): void;
}

/** The picture. */
export function RouteMap({ hops, step, onStep }: RouteMapProps) {
  const t = useText(packetsText);
  const language = useLanguage();
  const machines = useMemo(() => machinesOf(stationsOf(hops)), [hops]);
  const returns = hops[step]?.reply === true;
  return (
    <div className={styles.map} role="img" aria-label={t('map', { way: wayWords(t, language, machines) })}>
      {machines.map(({ node, stations }, index) => (
        <Fragment key={index}>
          <div className={node === '' ? styles.outside : styles.machine}>
            {node !== '' && <span className={styles.node}>{node}</span>}
            <div className={styles.stations}>
              {stations.map((station, at) => (
                <Fragment key={at}>
                  {at > 0 && <Arrow returns={returns} />}
                  <Box station={station} step={step} device={hops[step]?.device} returns={returns} onStep={onStep} />
                </Fragment>
              ))}
            </div>
          </div>
        </Fragment>
      ))}
    </div>
  );
}

/** "node-1 (pod default/client: eth0; host: cni0, eth0), network, …" */
function wayWords(t: SayPackets, language: Language, machines: readonly Machine[]): string {
  const words = ({ place, devices, translations, tunnel, isEnd }: Station): string => {
    const facts = [...devices, ...translations, ...(tunnel ? [tunnel] : []), ...(isEnd ? [t('map.end')] : [])].join(', ');
    return [hopWords(language, place), facts].filter(Boolean).join(': ');
  };
  return machines
    .map(({ node, stations }) => (node === '' ? stations.map(words).join('; ') : `${node} (${stations.map(words).join('; ')})`))
    .join(' → ');
}

function Arrow({ returns }: { returns: boolean }) {
  const Icon = returns ? ArrowLeft : ArrowRight;
  return <Icon className={styles.arrow} size={14} strokeWidth={1.5} aria-hidden />;
}

interface BoxProps {
  station: Station;
  step: number;
  /** The device of the current step. */
  device: string | undefined;
  returns: boolean;
  onStep(step: number): void;
}

function Box({ station, step, device, returns, onStep }: BoxProps) {
  const t = useText(packetsText);
  const language = useLanguage();
  const { place, devices, translations, tunnel, isWire, isEnd, steps, replies } = station;
  const current = steps.includes(step) || replies.includes(step);
  // Where the packet ended, its end is what one wants to see.
  const first = isEnd ? (steps.at(-1) ?? 0) : ((returns ? replies[0] : undefined) ?? steps[0] ?? 0);
  const looks = [isWire ? styles.wire : styles.box, current && styles.current, isEnd && styles.end].filter(Boolean).join(' ');
  return (
    <div className={looks} data-tunnel={tunnel !== undefined || undefined} onClick={() => onStep(first)}>
      <span className={styles.place}>
        {tunnel ? <span className={styles.tunnel}>{tunnel}</span> : hopWords(language, place).replace(' default/', ' ')}
        {translations.map((one) => (
          <span key={one} className={styles.translation}>
            {one}
          </span>
        ))}
        {isEnd && <span className={styles.endWord}>✕ {t('map.end')}</span>}
      </span>
      <span className={styles.devices}>
        {isWire ? (
          <Arrow returns={returns} />
        ) : (
          devices.map((one, index) => (
            <span key={one}>
              {index > 0 && <span className={styles.then}>· </span>}
              <code className={current && one === device ? styles.here : undefined}>{one}</code>
            </span>
          ))
        )}
      </span>
    </div>
  );
}
