/** The last tasks that the simulation ran: who did what, and because of what. */
import { ListTree, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { create } from 'zustand';
import { useCluster } from '../cluster/hooks.ts';
import { useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import type { TaskInfo } from '../../worker/protocol.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import { tasksBehind, withoutIdleDeliveries } from './components-behind.ts';
import { useClickOutside } from '../widgets/use-click-outside.ts';
import styles from './tasks-popover.module.css';

/** Whether the list is open: other places open it too. */
export const useTasksPopover = create<{ open: boolean; about: TasksAbout | undefined }>()(() => ({ open: false, about: undefined }));

/** Narrows the list to what an object set in motion after a task. */
interface TasksAbout {
  name: string;
  after: number;
}

const LIMIT = 100;
const LIMIT_ABOUT = 1000;
const REFRESH_MS = 700;

/** The count of tasks, which opens the list. */
export function TasksButton({ tasks }: { tasks: number }) {
  const t = useText(shellText);
  const open = useTasksPopover((state) => state.open);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => useTasksPopover.setState({ open: false, about: undefined });
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
      <Button
        ref={button}
        look="plain"
        icon={ListTree}
        aria-expanded={open}
        aria-controls="recent-tasks"
        onClick={() => useTasksPopover.setState({ open: !open })}
      >
        {t('tasks', { n: tasks })}
      </Button>
      {open && <TaskList onClose={close} />}
    </div>
  );
}

function TaskList({ onClose }: { onClose(): void }) {
  const t = useText(shellText);
  const about = useTasksPopover((state) => state.about);
  const recent = useRecentTasks(about ? LIMIT_ABOUT : LIMIT);
  // A story is read from its beginning, news from their end.
  const tasks = about ? withoutIdleDeliveries(tasksBehind(recent, about.after, about.name)) : recent;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.focus(), []);
  return (
    <section id="recent-tasks" className={styles.popover} aria-label={t('whoDidWhat')}>
      <header className={styles.header}>
        <h2>{about ? t('whoDidWhatAbout', { name: about.name }) : t('whoDidWhat')}</h2>
        {about && <Button onClick={() => useTasksPopover.setState({ about: undefined })}>{t('showAllTasks')}</Button>}
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
