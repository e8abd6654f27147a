/** The interface over the fake cluster, for the development server: /src/ui/testing/preview.html?crash&recovered&storage=quota … */
import { createRoot } from 'react-dom/client';
import { App } from '../app/app.tsx';
import { fakeCluster } from './fake-connection.ts';
import type { StorageState } from '../../worker/protocol.ts';
import '../styles/tokens.css';
import '../styles/base.css';

const query = new URLSearchParams(window.location.search);
const reason = query.get('storage') as StorageState['reason'] | null;
const root = document.getElementById('root');
if (root) {
  const cluster = fakeCluster({
    crash: query.has('crash'),
    recovered: query.has('recovered'),
    place: query.has('other') ? 'other-tab' : 'here',
    runaway: query.has('runaway'),
    storage: reason ? { mode: 'memory', durableRevision: 0, reason } : undefined,
  });
  createRoot(root).render(<App cluster={cluster} screen={Promise.resolve(undefined)} />);
}
