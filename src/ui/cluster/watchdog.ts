/** Notices a worker that is stuck: it answers nothing for five seconds, although it works in slices far shorter than that. */
import type { ClusterConnection } from './connection.ts';
import type { Relay } from './relay.ts';

const ASK_MS = 2500;
const STUCK_MS = 5000;

/** Asks the worker now and then; when it is stuck, all tabs are told as if it had crashed. Returns the way to stop. */
export function watchOver(connection: ClusterConnection, relay: Relay): () => void {
  let asked = false;
  let revision = 0;
  let ready = false;
  let stuck: ReturnType<typeof setTimeout> | undefined;
  const stopNotices = connection.onNotice((notice) => {
    if (notice.kind === 'clock' || notice.kind === 'ready') revision = notice.clock.revision;
    if (notice.kind === 'ready') ready = true;
    else if (notice.kind === 'crashed') ready = false;
  });
  const ask = () => {
    if (asked || !ready || document.hidden) return;
    asked = true;
    stuck = setTimeout(() => {
      if (!document.hidden) relay.announce({ kind: 'crashed', message: 'the worker does not answer', revision, seed: '' });
    }, STUCK_MS);
    const answered = () => {
      asked = false;
      clearTimeout(stuck);
    };
    connection.control('recentTasks', { limit: 0 }).then(answered, answered);
  };
  const timer = setInterval(ask, ASK_MS);
  return () => {
    clearInterval(timer);
    clearTimeout(stuck);
    stopNotices();
  };
}
