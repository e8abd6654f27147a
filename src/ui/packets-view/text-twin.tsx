/** The whole trace as a table: every step with the packet and the rules that it met. */
import type { PacketTraceHop, PacketTraceRule } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { hopWords } from './hop-words.ts';
import type { SayPackets } from './hop-words.ts';
import { endText, outerText } from './trace-model.ts';
import styles from './text-twin.module.css';

interface TextTwinProps {
  hops: readonly PacketTraceHop[];
  step: number;
  onStep(step: number): void;
}

/** The table. */
export function TextTwin({ hops, step, onStep }: TextTwinProps) {
  const t = useText(packetsText);
  const language = useLanguage();
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={t('path')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('text.step')}</th>
            <th scope="col">{t('text.place')}</th>
            <th scope="col">{t('text.whatAndRules')}</th>
            <th scope="col">{t('text.packet')}</th>
          </tr>
        </thead>
        <tbody>
          {hops.map((hop, index) => (
            <tr key={index} aria-current={index === step || undefined}>
              <td>
                <button type="button" className={styles.open} onClick={() => onStep(index)}>
                  {index + 1}
                </button>
              </td>
              <td>{[hop.node || t('wire'), hopWords(language, hop.place), hop.reply && t('answer')].filter(Boolean).join(', ')}</td>
              <td>
                {[hop.hook, hop.device, hopWords(language, hop.message)].filter(Boolean).join(' ')}
                {(hop.rules ?? []).length > 0 && (
                  <ul className={styles.rules}>
                    {(hop.rules ?? []).map((rule, at) => (
                      <li key={at}>{ruleText(rule, (n, chain) => t('skipped', { n, chain }))}</li>
                    ))}
                  </ul>
                )}
                {factsOf(t, hop).map((fact) => (
                  <p key={fact} className={styles.fact}>
                    {fact}
                  </p>
                ))}
              </td>
              <td className={styles.mono}>
                {packetEnds(hop).map((end, at) => (
                  <span key={at}>
                    {at === 1 && '→ '}
                    {end}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the picture shows beside the rules: the connection, the virtual server, the packet around this one, and the mark. */
function factsOf(t: SayPackets, { conntrack, ipvs, outer, packet, after }: PacketTraceHop): string[] {
  const { mark } = after ?? packet;
  return [
    ...(conntrack ? [[t('conntrack', { state: conntrack.state }), ...(conntrack.bindings ?? [])].join(' ')] : []),
    ...(conntrack?.original ? [t('conntrack.original', { tuple: conntrack.original })] : []),
    ...(conntrack?.reply ? [t('conntrack.reply', { tuple: conntrack.reply })] : []),
    ...(ipvs
      ? [
          `${t('ipvs.service', ipvs)}: ${ipvs.servers.map((one) => (one === ipvs.chosen ? `${one} (${t('ipvs.chosen')})` : one)).join(', ')}`,
        ]
      : []),
    ...(outer ? [t('outer', { outer: outerText(outer) })] : []),
    ...(mark ? [t('mark', { mark })] : []),
  ];
}

function packetEnds({ packet, after }: PacketTraceHop): [string, string] {
  const { source, sourcePort, destination, destinationPort } = after ?? packet;
  return [endText(source, sourcePort), endText(destination, destinationPort)];
}

function ruleText(
  { table, chain, number, text = '', target = '', matched, skipped }: PacketTraceRule,
  skip: (n: number, chain: string) => string,
): string {
  if (skipped !== undefined) return `${table}: ${skip(skipped, chain)}`;
  return `${table} ${chain} ${number} ${matched ? '✓' : '–'} ${text} ${target}`.trimEnd();
}
