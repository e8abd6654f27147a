/** Problems that other panels found, the worst first; a click leads to the place. */
import { CircleAlert, Info, TriangleAlert, Wrench } from 'lucide-react';
import { useText } from '../i18n/text.ts';
import { problemsText } from '../i18n/areas/problems.ts';
import type { PanelProps } from '../panels.ts';
import { useProblems } from '../state/problems.ts';
import type { Problem } from '../state/problems.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import styles from './problems.module.css';

const ORDER: Record<Problem['grade'], number> = { error: 0, warning: 1, info: 2 };
const ICONS = { error: CircleAlert, warning: TriangleAlert, info: Info };

/** The list. */
export function Panel(_props: PanelProps) {
  const t = useText(problemsText);
  const bySource = useProblems((state) => state.bySource);
  const problems = Object.values(bySource)
    .flat()
    .sort((a, b) => ORDER[a.grade] - ORDER[b.grade]);
  if (problems.length === 0) return <EmptyState title={t('none')}>{t('noneMore')}</EmptyState>;
  return (
    <ul className={styles.list}>
      {problems.map((problem, index) => (
        <li key={index}>
          <Line problem={problem} grade={t(problem.grade)} />
        </li>
      ))}
    </ul>
  );
}

function Line({ problem, grade }: { problem: Problem; grade: string }) {
  const Icon = ICONS[problem.grade];
  const place = problem.line === undefined ? problem.where : `${problem.where}:${problem.line}`;
  const content = (
    <>
      <Icon className={styles[problem.grade]} size={16} strokeWidth={1.5} aria-label={grade} />
      <span className={styles.message}>{problem.message}</span>
      <span className={styles.where}>{place}</span>
    </>
  );
  return (
    <div className={styles.row}>
      {problem.reveal ? (
        <button type="button" className={styles.line} onClick={problem.reveal}>
          {content}
        </button>
      ) : (
        <div className={styles.line}>{content}</div>
      )}
      {problem.fix && (
        <Button icon={Wrench} onClick={problem.fix.run}>
          {problem.fix.label}
        </Button>
      )}
    </div>
  );
}
