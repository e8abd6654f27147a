/**
 * /etc/resolv.conf and /etc/hosts of a pod's containers (`pkg/kubelet/kubelet_pods.go`, `makeHostsMount`). Pods with the
 * same DNS settings share one file; a hosts file is written when somebody first looks at it.
 */
import type { HostAlias, Pod } from '../api/generated/types.ts';
import type { Mount, VolumeTree } from '../container-runtime/cri.ts';
import { podDns, resolvConfText } from './dns.ts';
import type { DnsEnvironment } from './dns.ts';

const POD_HEADER = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
fe00::\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;
const NODE_HEADER = `# Kubernetes-managed hosts file (host network).
127.0.0.1\tlocalhost
::1\tlocalhost
`;

/** What a pod's hosts file is made of. */
export interface HostsInput {
  readonly hostname: string;
  readonly subdomain?: string;
  readonly namespace: string;
  readonly clusterDomain: string;
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
  readonly aliases: readonly HostAlias[];
}

/** The text of a pod's /etc/hosts. */
export function hostsText({ hostname, subdomain, namespace, clusterDomain, ips, hostNetwork, aliases }: HostsInput): string {
  let text = hostNetwork ? NODE_HEADER : POD_HEADER;
  const full = subdomain ? `${hostname}.${subdomain}.${namespace}.svc.${clusterDomain}\t` : '';
  for (const ip of ips) text += `${ip}\t${full}${hostname}\n`;
  if (aliases.length === 0) return text;
  text += '\n# Entries added by HostAliases.\n';
  for (const { ip, hostnames = [] } of aliases) text += `${ip}\t${hostnames.join('\t')}\n`;
  return text;
}

/** One pod's hosts file. */
class HostsFile implements VolumeTree {
  readonly kind = 'etc-hosts';
  readonly #input: HostsInput;
  #files: Map<string, string> | undefined;

  constructor(input: HostsInput) {
    this.#input = input;
  }

  get files(): Map<string, string> {
    return (this.#files ??= new Map([['hosts', hostsText(this.#input)]]));
  }

  set files(files: Map<string, string>) {
    this.#files = files;
  }
}

/** The files of all pods of one node. */
export class EtcFiles {
  readonly #env: DnsEnvironment;
  /** By namespace and DNS settings. */
  readonly #resolvConfs = new Map<string, { mount: Mount; exceeded: readonly string[] }>();

  constructor(env: DnsEnvironment) {
    this.#env = env;
  }

  /** The mount of /etc/resolv.conf, and texts of DNSConfigForming events. */
  resolvConf({ metadata, spec }: Pod): { mount: Mount; exceeded: readonly string[] } {
    const namespace = metadata.namespace ?? '';
    const key = `${namespace}/${spec.dnsPolicy ?? ''}/${spec.hostNetwork ?? false}/${spec.dnsConfig ? JSON.stringify(spec.dnsConfig) : ''}`;
    let known = this.#resolvConfs.get(key);
    if (known === undefined) {
      const { settings, exceeded } = podDns(spec, namespace, this.#env);
      const volume: VolumeTree = { kind: 'resolv-conf', files: new Map([['resolv.conf', resolvConfText(settings)]]) };
      known = { mount: { containerPath: '/etc/resolv.conf', readOnly: false, volume, subPath: 'resolv.conf' }, exceeded };
      this.#resolvConfs.set(key, known);
    }
    return known;
  }

  /** The mount of a pod's /etc/hosts. */
  hosts({ metadata, spec }: Pod, hostname: string, ips: readonly string[]): Mount {
    const volume = new HostsFile({
      hostname,
      subdomain: spec.subdomain,
      namespace: metadata.namespace ?? '',
      clusterDomain: this.#env.clusterDomain,
      ips: spec.hostNetwork ? [] : ips,
      hostNetwork: spec.hostNetwork ?? false,
      aliases: spec.hostAliases ?? [],
    });
    return { containerPath: '/etc/hosts', readOnly: false, volume, subPath: 'hosts' };
  }
}
