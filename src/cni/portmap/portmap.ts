/** The portmap plugin: makes ports of the machine lead to a pod's (`plugins/meta/portmap`). Chained after the one that gives the address. */
import { parseIpv4 } from '../../linux/net/ipv4.ts';
import type { Ipv4 } from '../../linux/net/ipv4.ts';
import { CniError } from '../contract.ts';
import type { CniPlugin } from '../contract.ts';

/** Sets up and takes away port mappings. */
export const portmap: CniPlugin = {
  type: 'portmap',
  add(_config, { portMappings = [] }, { machine }, previous) {
    if (previous === undefined) throw new CniError('must be called as chained plugin');
    const ip = parseIpv4(previous.ips[0]?.address.split('/')[0] ?? '');
    if (ip !== undefined && portMappings.length > 0) machine.portMaps.add(portMappings, ip);
    return previous;
  },
  del(_config, { netns }, { machine }) {
    for (const ip of netns.addresses as readonly Ipv4[]) machine.portMaps.remove(ip);
  },
};
