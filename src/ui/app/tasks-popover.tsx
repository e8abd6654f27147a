/** The last tasks that the simulation ran: who did what, and because of what. */
import { ListTree, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useCluster } from '../cluster/hooks.ts';
import { useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import type { TaskInfo } from '../../worker/protocol.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import { useClickOutside } from '../widgets/use-click-outside.ts';
import styles from './tasks-popover.module.css';

const LIMIT = 100;
const REFRESH_MS = 700;

/** The count of tasks, which opens the list. */
export function TasksButton({ tasks }: { tasks: number }) {
  const t = useText(shellText);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(false);
  useClickOutside(box, open, close);
  return (
    <div
      className={styles.box}
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        close();
        button.current?.focus();
      }}
    >
      <Button ref={button} look="plain" icon={ListTree} aria-expanded={open} aria-controls="recent-tasks" onClick={() => setOpen(!open)}>
        {t('tasks', { n: tasks })}
      </Button>
      {open && <TaskList onClose={close} />}
    </div>
  );
}

function TaskList({ onClose }: { onClose(): void }) {
  const t = useText(shellText);
  const tasks = useRecentTasks(LIMIT);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.focus(), []);
  return (
    <section id="recent-tasks" className={styles.popover} aria-label={t('whoDidWhat')}>
      <header className={styles.header}>
        <h2>{t('whoDidWhat')}</h2>
        <IconButton icon={X} label={t('closeTasks')} onClick={onClose} />
      </header>
      <div className={styles.scroll} ref={list} tabIndex={0} role="group" aria-label={t('whoDidWhat')}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('taskNumber')}</th>
              <th scope="col">{t('taskTime')}</th>
              <th scope="col">{t('taskComponent')}</th>
              <th scope="col">{t('taskAction')}</th>
              <th scope="col">{t('taskObject')}</th>
              <th scope="col">{t('taskCause')}</th>
            </tr>
          </thead>
          <tbody>
            {tasks.map((task) => (
              <tr key={task.id}>
                <td className={styles.number}>{task.id}</td>
                <td className={styles.number}>{new Date(task.at).toISOString().slice(11, 23)}</td>
                <td>{task.component}</td>
                <td>{task.action}</td>
                <td className={styles.object}>{task.object}</td>
                <td className={styles.number}>{task.cause > 0 ? `← ${task.cause}` : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** The last tasks, newest first, asked for as long as somebody looks. */
function useRecentTasks(limit: number): readonly TaskInfo[] {
  const { connection } = useCluster();
  const [tasks, setTasks] = useState<readonly TaskInfo[]>([]);
  useEffect(() => {
    let gone = false;
    const ask = () =>
      connection.control('recentTasks', { limit }).then(
        (found) => {
          if (!gone)
            setTasks((known) => (known.length === found.length && known[0]?.id === found.at(-1)?.id ? known : [...found].reverse()));
        },
        () => undefined, // the cluster is being moved or restarted: the next question may be answered
      );
    void ask();
    const timer = setInterval(() => void ask(), REFRESH_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [connection, limit]);
  return tasks;
}
