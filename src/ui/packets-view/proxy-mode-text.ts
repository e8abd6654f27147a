/** The proxy mode in kube-proxy's configuration: the text of `config.conf` in the ConfigMap kube-proxy. */

/** Where the configuration lies. */
export const PROXY_CONFIG = { namespace: 'kube-system', name: 'kube-proxy', key: 'config.conf' } as const;
/** Modes that can be chosen. */
export const PROXY_MODES = ['iptables', 'ipvs', 'nftables', 'userspace'] as const;

const MODE = /^mode:[ \t]*["']?(\w*)["']?[ \t]*$/m;

/** The mode that a text says; kube-proxy takes iptables when it says none. */
export const modeIn = (text: string): string => MODE.exec(text)?.[1] || 'iptables';

/** The text with another mode; everything else stays. */
export function withMode(text: string, mode: string): string {
  return MODE.test(text) ? text.replace(MODE, `mode: ${mode}`) : `${text.trimEnd()}\nmode: ${mode}\n`;
}
