/** The page's entry: starts or finds the cluster first, then draws the interface over the static shell of index.html. */
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { followReleases } from './app/release.ts';
import { connectCluster } from './cluster/connect.ts';
import { exposeToConsole } from './cluster/console-api.ts';
import { afterFirstScreen, firstScreen } from './cluster/first-screen.ts';
import './styles/tokens.css';
import './styles/base.css';

const root = document.getElementById('root');
if (root) {
  const screen = firstScreen();
  const cluster = connectCluster(afterFirstScreen(screen));
  exposeToConsole(cluster.connection);
  document.documentElement.dataset['started'] = 'true';
  createRoot(root).render(<App cluster={cluster} screen={screen} />);
  followReleases();
}
