/**
 * What an idle cluster does not need and what users' objects may: the shell and its tools, the policy engine, the YAML parser. Together they
 * are a good part of all code, so the worker loads them while the page is being drawn.
 */
import { parse } from 'yaml';
import { installYaml } from '../apimachinery/yaml.ts';
import { installPolicyEngine } from '../apiserver/policy/install.ts';
import { installProxyModes } from '../kube-proxy/other-modes.ts';
import { installShell } from '../container-runtime/sh/install.ts';

/** Puts them in place. Call once per process, before users send requests. */
export function installExtras(): void {
  installShell();
  installProxyModes();
  installPolicyEngine();
  installYaml((text) => parse(text) as unknown);
}
