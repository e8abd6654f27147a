/** "Why this rule?": what each chain that the packet met at this step is for, and which object its rule was written for. */
import type { PacketTraceHop } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { OwnerLink } from './owner-link.tsx';
import { purposeOf, ruleParts } from './rule-text.ts';
import styles from './why-rules.module.css';

/** The list; `id` is that of the region. */
export function WhyRules({ id, hop: { rules = [], ipvs } }: { id: string; hop: PacketTraceHop }) {
  const t = useText(packetsText);
  const all = rules.filter(({ matched: met }) => met);
  const deciding = all.filter(({ number, target }) => number !== 0 || target !== 'policy ACCEPT');
  // That a chain without a decision accepts is only news where nothing else happened.
  const matched = deciding.length > 0 ? deciding : all.slice(0, 1);
  return (
    <section id={id} className={styles.why} aria-label={t('why')} tabIndex={0}>
      {matched.length === 0 && ipvs === undefined && <p>{t('why.nothing')}</p>}
      <ol>
        {matched.map((rule, index) => (
          <li key={index}>
            <p>
              <b>
                {rule.chain} {rule.number === 0 ? t('policy') : t('rule', { number: String(rule.number) })}
              </b>{' '}
              <code>{ruleParts(rule).action}</code> {rule.owner && <OwnerLink owner={rule.owner} />}
            </p>
            <p>{t(rule.number === 0 ? 'why.policyOfChain' : `why.${purposeOf(rule.chain)}`)}</p>
          </li>
        ))}
        {ipvs && <li>{t('why.ipvs')}</li>}
      </ol>
    </section>
  );
}
