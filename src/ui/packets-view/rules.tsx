/** The lit trace at the right: the rules of every hook in the kernel's order; runs of rules that did not match are one line. */
import { Check, CornerDownRight } from 'lucide-react';
import { useId } from 'react';
import type { CSSProperties } from 'react';
import type { PacketTraceHop, PacketTraceRule } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { hopWords } from './hop-words.ts';
import { OwnerLink } from './owner-link.tsx';
import { ruleParts } from './rule-text.ts';
import { nestedRules } from './trace-model.ts';
import { useKeepInView } from './use-keep-in-view.ts';
import styles from './rules.module.css';

interface RulesProps {
  hops: readonly PacketTraceHop[];
  /** Index of the current step; -1 in a comparison, whose steps cannot be stepped. */
  step: number;
  /** Index of the step that the pointer is over. */
  pointed?: number | undefined;
  title: string;
  /** False where a choice above says it. */
  showTitle: boolean;
  onStep?(step: number): void;
}

/** Steps that asked rules, tables or sets. */
export const asksRules = ({ kind, rules = [] }: PacketTraceHop): boolean => kind === 'ipvs' || rules.length > 0;

/** The blocks, one a hook. */
export function Rules({ hops, step, pointed, title, showTitle, onStep }: RulesProps) {
  const t = useText(packetsText);
  const blocks = hops.flatMap((hop, index) => (asksRules(hop) ? [{ hop, index }] : []));
  return (
    <section className={styles.rules} aria-label={title} tabIndex={0}>
      <h2 className={showTitle ? undefined : styles.unseen}>{title}</h2>
      {blocks.length === 0 && <p className={styles.none}>{t('noRules')}</p>}
      {blocks.map(({ hop, index }) => (
        <Block key={index} hop={hop} current={index === step} pointed={index === pointed} onClick={onStep && (() => onStep(index))} />
      ))}
    </section>
  );
}

interface BlockProps {
  hop: PacketTraceHop;
  current: boolean;
  pointed: boolean;
  onClick: (() => void) | undefined;
}

function Block({ hop, current, pointed, onClick }: BlockProps) {
  const id = useId();
  const language = useLanguage();
  useKeepInView(current ? id : undefined);
  const looks = [styles.block, current && styles.current, pointed && styles.pointed].filter(Boolean).join(' ');
  return (
    <div id={id} className={looks} data-steps={onClick !== undefined || undefined} onClick={onClick}>
      <h3>
        <b>{hop.hook ?? 'IPVS'}</b> <span>{[hop.node, hopWords(language, hop.place)].filter(Boolean).join(' · ')}</span>
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

/** The chain and number, what the rule compares, and what it does; behind it whom it was written for, or its comment. */
function RuleLine({ rule }: { rule: PacketTraceRule }) {
  const t = useText(packetsText);
  if (rule.skipped !== undefined) return <span>{t('skipped', { n: rule.skipped, chain: rule.chain })}</span>;
  const { matches, action, comment } = ruleParts(rule);
  return (
    <span title={rule.text}>
      <b>
        {rule.chain} {rule.number === 0 ? t('policy') : t('rule', { number: String(rule.number) })}
      </b>{' '}
      {rule.matched && <Check size={13} aria-hidden />} {matches && <code>{matches}</code>}{' '}
      <em>{rule.number === 0 ? action.replace(/^policy /, '') : action}</em>
      {rule.owner ? (
        <span className={styles.owner}>
          {' '}
          {t('owner')} <OwnerLink owner={rule.owner} />
        </span>
      ) : (
        comment && <span className={styles.owner}> “{comment}”</span>
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
