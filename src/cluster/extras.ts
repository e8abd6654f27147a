/**
 * What the idle cluster of a first visit does not need, and users' objects and other clusters may: the shell and its tools, the policy engine,
 * the YAML parser, patches and checks of bodies, other modes of kube-proxy, what a new cluster is seeded with. Together they are half of all
 * code, so the worker loads them while the page is being drawn.
 */
import { parse } from 'yaml';
import { installChecks } from '../api/install.ts';
import { installYaml } from '../apimachinery/yaml.ts';
import { installUserRequests } from '../apiserver/install.ts';
import { installPolicyEngine } from '../apiserver/policy/install.ts';
import { installUserImages } from '../container-runtime/images/install.ts';
import { installShell } from '../container-runtime/sh/install.ts';
import { installProxyModes } from '../kube-proxy/other-modes.ts';
import { installIpSets } from '../linux/ipset/install.ts';
import { installFlowPlans } from '../linux/net/flow-plans.ts';
import { installClusterParts } from './install.ts';

/** Puts them in place. Call once per process, before a cluster boots from nothing and before users send requests. */
export function installExtras(): void {
  installShell();
  installUserImages();
  installIpSets();
  installFlowPlans();
  installProxyModes();
  installPolicyEngine();
  installChecks();
  installUserRequests();
  installClusterParts();
  installYaml((text) => parse(text) as unknown);
}
