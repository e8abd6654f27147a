/** The loopback plugin: sets lo up in a new namespace (`plugins/main/loopback`). */
import type { CniPlugin } from '../contract.ts';

/** Sets lo up. */
export const loopback: CniPlugin = {
  type: 'loopback',
  add(_config, { netns }, { cniVersion }) {
    netns.bringLoopbackUp();
    return { cniVersion, interfaces: [{ name: 'lo' }], ips: [], routes: [] };
  },
  del() {
    // The namespace takes its lo with it.
  },
};
