/** The lit trace at the right: the rules of every hook in the kernel's order; runs of rules that did not match are one line. */
import { Check, CornerDownRight } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { CSSProperties } from 'react';
import type { PacketTraceHop, PacketTraceRule } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { nestedRules } from './trace-model.ts';
import styles from './rules.module.css';

interface RulesProps {
  hops: readonly PacketTraceHop[];
  /** Index of the current step; -1 in a comparison, whose steps cannot be stepped. */
  step: number;
  title: string;
  onStep?(step: number): void;
}

/** Steps that asked rules, tables or sets. */
export const asksRules = ({ kind, rules = [] }: PacketTraceHop): boolean => kind === 'ipvs' || rules.length > 0;

/** The blocks, one a hook. */
export function Rules({ hops, step, title, onStep }: RulesProps) {
  const t = useText(packetsText);
  const blocks = hops.flatMap((hop, index) => (asksRules(hop) ? [{ hop, index }] : []));
  return (
    <section className={styles.rules} aria-label={title} tabIndex={0}>
      <h2>{title}</h2>
      {blocks.length === 0 && <p className={styles.none}>{t('noRules')}</p>}
      {blocks.map(({ hop, index }) => (
        <Block key={index} hop={hop} current={index === step} onClick={onStep && (() => onStep(index))} />
      ))}
    </section>
  );
}

function Block({ hop, current, onClick }: { hop: PacketTraceHop; current: boolean; onClick: (() => void) | undefined }) {
  const block = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current) block.current?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <div ref={block} className={`${styles.block} ${current ? styles.current : ''}`} onClick={onClick}>
      <h3>
        <b>{hop.hook ?? 'IPVS'}</b> <span>{[hop.node, hop.place].filter(Boolean).join(' · ')}</span>
      </h3>
      {nestedRules(hop.rules ?? []).map(({ table, rules }, index) => (
        <Table key={index} table={table} rules={rules} />
      ))}
      {hop.conntrack && <Conntrack connection={hop.conntrack} />}
      {hop.ipvs && <VirtualServer ipvs={hop.ipvs} />}
    </div>
  );
}

function Table({ table, rules }: { table: string; rules: ReturnType<typeof nestedRules>[number]['rules'] }) {
  const t = useText(packetsText);
  return (
    <div className={styles.table}>
      <h4>{t('table', { table })}</h4>
      <ol>
        {rules.map(({ rule, depth }, index) => (
          <li key={index} className={rule.matched ? styles.lit : styles.dim} style={{ '--depth': depth } as CSSProperties}>
            {depth > 0 && <CornerDownRight size={12} aria-hidden />}
            <RuleLine rule={rule} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function RuleLine({ rule }: { rule: PacketTraceRule }) {
  const t = useText(packetsText);
  if (rule.skipped !== undefined) return <span>{t('skipped', { n: rule.skipped, chain: rule.chain })}</span>;
  return (
    <span>
      <b>
        {rule.chain} {rule.number === 0 ? t('policy') : t('rule', { number: String(rule.number) })}
      </b>{' '}
      {rule.matched && <Check size={13} aria-hidden />} <code>{rule.text}</code> {rule.target && <em>{rule.target}</em>}
      {rule.owner && (
        <span className={styles.owner}>
          {' '}
          {t('owner', { kind: rule.owner.kind, name: [rule.owner.namespace, rule.owner.name].filter(Boolean).join('/') })}
        </span>
      )}
    </span>
  );
}

function Conntrack({ connection: { state, original, reply, bindings = [] } }: { connection: NonNullable<PacketTraceHop['conntrack']> }) {
  const t = useText(packetsText);
  return (
    <div className={styles.conntrack}>
      <b>{t('conntrack', { state })}</b> {bindings.join(', ')}
      {original && <code>{t('conntrack.original', { tuple: original })}</code>}
      {reply && <code>{t('conntrack.reply', { tuple: reply })}</code>}
      {state === 'ESTABLISHED' && <span>{t('conntrack.known')}</span>}
    </div>
  );
}

function VirtualServer({ ipvs: { service, scheduler, servers, chosen } }: { ipvs: NonNullable<PacketTraceHop['ipvs']> }) {
  const t = useText(packetsText);
  return (
    <div className={styles.conntrack}>
      <b>{t('ipvs.service', { service, scheduler })}</b>
      <ul>
        {servers.map((server) => (
          <li key={server}>
            <code>{server}</code> {server === chosen && <em>◀ {t('ipvs.chosen')}</em>}
          </li>
        ))}
      </ul>
    </div>
  );
}
