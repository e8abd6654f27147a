/** The gallery of scenarios: choose one, and a fresh cluster starts from it. */
import { useEffect, useState } from 'react';
import type { ScenarioCard, ScenarioTag } from '../../scenario/scenario.ts';
import { localText, useLanguage, useText } from '../i18n/text.ts';
import { dialogsText } from '../i18n/areas/dialogs.ts';
import type { DialogProps } from '../app/app.tsx';
import { Button } from '../widgets/button.tsx';
import { Dialog } from '../widgets/dialog.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { useOpenScenario } from './open-scenario.ts';
import { ReplaceNote } from './replace-note.tsx';
import styles from './gallery-dialog.module.css';

const TAGS: readonly ScenarioTag[] = ['works', 'breaks', 'cost', 'history'];
const TAG_TEXTS = { works: 'tagWorks', breaks: 'tagBreaks', cost: 'tagCost', history: 'tagHistory' } as const;

/** The dialog. */
export function GalleryDialog({ onClose }: DialogProps) {
  const t = useText(dialogsText);
  const cards = useScenarios();
  const [tag, setTag] = useState<ScenarioTag>();
  const shown = cards?.filter(({ tags }) => !tag || tags.includes(tag));
  const used = TAGS.filter((name) => cards?.some(({ tags }) => tags.includes(name)));
  return (
    <Dialog title={t('galleryTitle')} width="wide" onClose={onClose}>
      <p className={styles.intro}>{t('galleryIntro')}</p>
      <ReplaceNote />
      <div className={styles.filter} role="group" aria-label={t('filterByTag')}>
        {[undefined, ...used].map((name) => (
          <Button key={name ?? 'all'} aria-pressed={tag === name} onClick={() => setTag(name)}>
            {name ? t(TAG_TEXTS[name]) : t('tagAll')}
          </Button>
        ))}
      </div>
      {shown?.length === 0 && <EmptyState title={t('galleryEmpty')} />}
      {!shown && <EmptyState title={t('galleryLoading')} />}
      <ul className={styles.cards}>
        {shown?.map((card) => (
          <Card key={card.name} card={card} onDone={onClose} />
        ))}
      </ul>
    </Dialog>
  );
}

function Card({ card, onDone }: { card: ScenarioCard; onDone(): void }) {
  const t = useText(dialogsText);
  const language = useLanguage();
  const { open, busy } = useOpenScenario();
  const title = localText(card.title, language);
  const start = async () => {
    const { readScenario } = await import('../../scenario/scenario.ts');
    const { objects, seed } = readScenario(card.yaml);
    if (await open({ objects, seed })) onDone();
  };
  return (
    <li className={styles.card}>
      <h3>{title}</h3>
      <p className={styles.summary}>{localText(card.summary, language)}</p>
      <p className={styles.facts}>
        {card.tags.map((tag) => (
          <span key={tag} className={styles.tag}>
            {t(TAG_TEXTS[tag])}
          </span>
        ))}
        <span>{t('minutes', { n: card.minutes })}</span>
      </p>
      <Button disabled={busy} aria-label={t('openNamed', { title })} onClick={() => void start()}>
        {t('open')}
      </Button>
    </li>
  );
}

/** All scenarios; undefined while they are on their way. */
function useScenarios(): readonly ScenarioCard[] | undefined {
  const [cards, setCards] = useState<readonly ScenarioCard[]>();
  useEffect(() => {
    let gone = false;
    void import('../../content/scenarios.ts').then(({ SCENARIOS }) => {
      if (!gone) setCards(SCENARIOS);
    });
    return () => {
      gone = true;
    };
  }, []);
  return cards;
}
