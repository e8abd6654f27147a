/** A pod's DNS: {op: mode} -> {mode}; {op: resolvConf} -> settings; {op: limits, searches} -> {searches, event}. */
import type { PodSpec } from '../../src/api/generated/types.ts';
import { deepEqual } from '../../src/apimachinery/freeze.ts';
import { dnsMode, limitDns, podDns } from '../../src/kubelet/dns.ts';
import type { DnsSettings } from '../../src/kubelet/dns.ts';
import type { Area } from '../area.ts';

interface Input extends Pick<PodSpec, 'dnsPolicy' | 'hostNetwork' | 'dnsConfig'> {
  op: string;
  namespace: string;
  clusterDNS: string[];
  clusterDomain: string;
  host: DnsSettings;
  searches: string[];
}

export const run: Area['run'] = (input) => {
  const { op, namespace, clusterDNS, clusterDomain, host, searches, ...spec } = input as unknown as Input;
  if (op === 'mode') return { mode: dnsMode(spec) };
  if (op === 'limits') {
    const { settings, exceeded } = limitDns({ nameservers: [], searches, options: [] });
    return { searches: settings.searches, ...(exceeded.length > 0 && { event: { type: 'Warning', reason: 'DNSConfigForming' } }) };
  }
  return { ...podDns(spec, namespace, { clusterDns: clusterDNS, clusterDomain, host }).settings };
};

export const equal: Area['equal'] = (key, actual, expected) =>
  key === 'options' ? deepEqual([...(actual as string[])].sort(), [...(expected as string[])].sort()) : deepEqual(actual, expected);
