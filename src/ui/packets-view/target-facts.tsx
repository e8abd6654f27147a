/** Said before anything is sent: a Service that selects no pod, or none that is ready, with what would fit instead. */
import { TriangleAlert } from 'lucide-react';
import type { Pod, Service } from '../../api/generated/types.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { why } from '../model/why.ts';
import { OwnerLink } from './owner-link.tsx';
import styles from './target-facts.module.css';

interface TargetFactsProps {
  service: Service | undefined;
  pods: readonly Pod[];
}

/** One line, or nothing. */
export function TargetFacts({ service, pods }: TargetFactsProps) {
  const t = useText(packetsText);
  if (service === undefined) return null;
  const lines = why(service, { pods: [...pods], nodes: [], events: [], find: () => undefined, now: 0 });
  const [first, ...near] = lines;
  if (first === undefined) return null;
  const selector = String(first.params['selector'] ?? '');
  return (
    <p className={styles.facts} role="note">
      <TriangleAlert size={16} strokeWidth={1.5} aria-hidden />
      <span>
        <OwnerLink owner={{ kind: 'Service', namespace: service.metadata.namespace, name: service.metadata.name }} />{' '}
        {first.key === 'noneReady' ? t('target.noneReady', { selector, n: Number(first.params['count']) }) : t('target.none', { selector })}{' '}
        {near.map(({ params }) => (
          <span key={String(params['label'])}>{t('target.near', { n: Number(params['count']), label: String(params['label']) })} </span>
        ))}
      </span>
    </p>
  );
}
