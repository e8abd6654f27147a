/** The four fields of the packet at the current step, with what the step changed underlined. */
import type { PacketTraceHop, TracedPacket } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { changedFields, outerText } from './trace-model.ts';
import styles from './address-line.module.css';

/** One line, or two when the packet leaves differently. */
export function AddressLine({ hop }: { hop: PacketTraceHop }) {
  const t = useText(packetsText);
  const changed = changedFields(hop);
  return (
    <dl className={styles.lines}>
      <dt>{t('before')}</dt>
      <dd>
        <Fields packet={hop.packet} changed={new Set()} />
      </dd>
      <dt>{t('after')}</dt>
      <dd>
        {hop.after && changed.size > 0 ? (
          <Fields packet={hop.after} changed={changed} />
        ) : (
          <span className={styles.soft}>{t('unchanged')}</span>
        )}
        {hop.outer && (
          <span className={styles.soft}>
            {' · '}
            {t('outer', { outer: outerText(hop.outer) })}
          </span>
        )}
      </dd>
    </dl>
  );
}

function Fields({ packet, changed }: { packet: TracedPacket; changed: ReadonlySet<keyof TracedPacket> }) {
  const t = useText(packetsText);
  const field = (name: keyof TracedPacket, text: string | number | undefined) =>
    text === undefined ? null : changed.has(name) ? <ins>{text}</ins> : <span>{text}</span>;
  return (
    <span className={styles.fields}>
      {packet.protocol}
      {packet.flags && ` [${packet.flags}]`} {field('source', packet.source)}
      {packet.sourcePort !== undefined && ':'}
      {field('sourcePort', packet.sourcePort)} → {field('destination', packet.destination)}
      {packet.destinationPort !== undefined && ':'}
      {field('destinationPort', packet.destinationPort)}{' '}
      <span className={`${styles.soft} ${changed.has('ttl') ? '' : styles.ttl}`}>
        {field('ttl', t('ttl', { ttl: String(packet.ttl) }))}
      </span>{' '}
      {packet.mark && <span className={styles.soft}>{field('mark', t('mark', { mark: packet.mark }))}</span>}
    </span>
  );
}
