/**
 * From a Corefile's server blocks to settings: one `setup` for each plugin (`coredns/plugin/<name>/setup.go`).
 * Plugins that CoreDNS has and this one does not carry out are named in `ignored`, which is logged; any other
 * directive is an error, as upstream.
 */
import { parseGoDuration } from '../../apimachinery/durations.ts';
import { StatusError } from '../../apimachinery/status.ts';
import { CorefileError } from './corefile.ts';
import type { Directive, ServerBlock } from './corefile.ts';
import { fullName } from '../../linux/net/dns.ts';
import { DEFAULT_OPTIONS } from './kubernetes-plugin.ts';
import type { KubernetesOptions } from './kubernetes-plugin.ts';

/** `forward FROM TO...` */
export interface ForwardConfig {
  readonly from: string;
  /** Addresses, or files like /etc/resolv.conf. */
  readonly to: readonly string[];
  readonly except: readonly string[];
}

/** `cache [TTL] [ZONES...]` Seconds. */
export interface CacheConfig {
  readonly zones: readonly string[];
  readonly successTtl: number;
  readonly denialTtl: number;
  readonly noSuccess: readonly string[];
  readonly noDenial: readonly string[];
}

/** `rewrite [continue|stop] name [exact|prefix|suffix|substring|regex] FROM TO [answer auto]` */
export interface RewriteConfig {
  readonly how: 'exact' | 'prefix' | 'suffix' | 'substring' | 'regex';
  readonly from: string;
  readonly to: string;
  readonly continues: boolean;
  /** The owner names of answers get the name that was asked for. */
  readonly answers: boolean;
}

/** `hosts [FILE [ZONES...]] { … }` */
export interface HostsConfig {
  readonly file: string;
  readonly zones: readonly string[];
  readonly inline: readonly { readonly ip: string; readonly names: readonly string[] }[];
  readonly ttl: number;
  readonly reverse: boolean;
  readonly fallthrough: readonly string[] | undefined;
}

/** Which answers are logged. */
export type LogClass = 'all' | 'success' | 'denial' | 'error';

/** One server: all plugins of one block. */
export interface ServerConfig {
  readonly zones: readonly { readonly zone: string; readonly port: number }[];
  errors: boolean;
  log: { readonly zones: readonly string[]; readonly classes: readonly LogClass[] } | undefined;
  loadbalance: boolean;
  loop: boolean;
  cache: CacheConfig | undefined;
  rewrites: readonly RewriteConfig[];
  hosts: HostsConfig | undefined;
  kubernetes: KubernetesOptions | undefined;
  forwards: readonly ForwardConfig[];
  health: { readonly port: number; readonly lameduckMs: number } | undefined;
  readyPort: number | undefined;
  metricsPort: number | undefined;
  reload: { readonly intervalMs: number; readonly jitterMs: number } | undefined;
  ignored: readonly string[];
}

const NOT_SIMULATED = new Set(
  (
    'acl any auto autopath azure bind bufsize cancel chaos clouddns debug dns64 dnssec dnstap erratic etcd file geoip grpc header ' +
    'k8s_external local metadata minimal multisocket nsid pprof quic route53 secondary sign template timeouts tls trace transfer tsig view whoami'
  ).split(' '),
);

/** Milliseconds of "30s". */
function durationMs(text: string, fail: (message: string) => never): number {
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (error instanceof StatusError) return fail(error.message);
    throw error;
  }
}

type Setup = (directive: Directive, config: ServerConfig, fail: (message: string) => never) => void;

/** The settings of one server. Throws a `CorefileError`. */
export function serverConfig({ keys, directives }: ServerBlock, file: string): ServerConfig {
  const config: ServerConfig = {
    zones: keys,
    errors: false,
    log: undefined,
    loadbalance: false,
    loop: false,
    cache: undefined,
    rewrites: [],
    hosts: undefined,
    kubernetes: undefined,
    forwards: [],
    health: undefined,
    readyPort: undefined,
    metricsPort: undefined,
    reload: undefined,
    ignored: [],
  };
  for (const directive of directives) {
    const { name, line } = directive;
    const fail = (message: string): never => {
      throw new CorefileError(`plugin/${name}: ${file}:${line} - Error during parsing: ${message}`);
    };
    const setup = SETUPS[name];
    if (setup !== undefined) setup(directive, config, fail);
    else if (NOT_SIMULATED.has(name)) config.ignored = [...config.ignored, name];
    else throw new CorefileError(`${file}:${line} - Error during parsing: Unknown directive '${name}'`);
  }
  return config;
}

const zone = (name: string): string => (name === '.' ? '.' : fullName(name.toLowerCase()));
const zonesOr = (names: readonly string[], others: readonly { readonly zone: string }[]): string[] =>
  names.length > 0 ? names.map(zone) : others.map((other) => other.zone);
const portOf = (argument: string | undefined, standard: number): number => Number(argument?.replace(/^.*:/, '')) || standard;
const lineOf = ({ block }: Directive, name: string): Directive | undefined => block.find((line) => line.name === name);

/** `fallthrough [ZONES...]`: without zones for all. */
function fallthroughOf(directive: Directive): string[] | undefined {
  const line = lineOf(directive, 'fallthrough');
  return line && (line.args.length > 0 ? line.args.map(zone) : ['.']);
}

const argumentsMissing = "Wrong argument count or unexpected line ending after '";

const SETUPS: Readonly<Record<string, Setup>> = {
  errors: (_directive, config) => void (config.errors = true),
  loadbalance: (_directive, config) => void (config.loadbalance = true),
  loop: (_directive, config) => void (config.loop = true),
  health(directive, config, fail) {
    const lameduck = lineOf(directive, 'lameduck')?.args[0];
    config.health = { port: portOf(directive.args[0], 8080), lameduckMs: lameduck === undefined ? 0 : durationMs(lameduck, fail) };
  },
  ready: ({ args }, config) => void (config.readyPort = portOf(args[0], 8181)),
  prometheus: ({ args }, config) => void (config.metricsPort = portOf(args[0], 9153)),
  reload({ args }, config, fail) {
    const [interval = '30s', jitter = '15s'] = args;
    const intervalMs = durationMs(interval, fail);
    if (intervalMs < 2000) fail('interval value must be greater or equal to 2s');
    config.reload = { intervalMs, jitterMs: Math.min(durationMs(jitter, fail), intervalMs / 2) };
  },
  log(directive, config) {
    const classes = (lineOf(directive, 'class')?.args ?? ['all']) as LogClass[];
    const names = directive.args.filter((word) => !word.includes('{') && !word.includes('}'));
    config.log = { zones: zonesOr(names, [{ zone: '.' }]), classes };
  },
  cache(directive, config, fail) {
    const [first = '', ...rest] = directive.args;
    const ttl = /^\d+$/.test(first) ? Number(first) : undefined;
    if (ttl === 0) fail('cache TTL can not be zero or negative: 0');
    const own = zonesOr(ttl === undefined && first !== '' ? [first, ...rest] : rest, config.zones);
    const capped = (name: string, standard: number) => Number(lineOf(directive, name)?.args[1] ?? ttl ?? standard);
    const disabled = (what: string) =>
      directive.block
        .filter(({ name, args }) => name === 'disable' && args[0] === what)
        .flatMap(({ args }) => zonesOr(args.slice(1), config.zones));
    config.cache = {
      zones: own,
      successTtl: capped('success', 3600),
      denialTtl: capped('denial', 1800),
      noSuccess: disabled('success'),
      noDenial: disabled('denial'),
    };
  },
  rewrite(directive, config, fail) {
    const lines = directive.block.length > 0 ? directive.block.map(({ name, args }) => [name, ...args]) : [directive.args];
    let words = lines[0] ?? [];
    const continues = words[0] === 'continue';
    if (continues || words[0] === 'stop') words = words.slice(1);
    if (words[0] !== 'name') fail(`only rewrites of names are simulated, not of "${words[0] ?? ''}"`);
    const kinds = ['exact', 'prefix', 'suffix', 'substring', 'regex'] as const;
    const given = kinds.find((kind) => kind === words[1]);
    const [from, to, answer] = words.slice(given === undefined ? 1 : 2);
    if (from === undefined || to === undefined) return fail('few arguments for a name rule');
    const how = given ?? 'exact';
    const whole = how === 'exact';
    config.rewrites = [
      ...config.rewrites,
      {
        how,
        from: whole ? zone(from) : from,
        to: whole ? zone(to) : to,
        continues,
        answers: whole || answer === 'answer' || lines.length > 1,
      },
    ];
  },
  hosts(directive, config) {
    const [file = '/etc/hosts', ...names] = directive.args;
    const inline = directive.block
      .filter(({ name }) => /^[\da-f:.]+$/.test(name) && /[.:]/.test(name))
      .map(({ name, args }) => ({ ip: name, names: args.map(zone) }));
    config.hosts = {
      file,
      zones: zonesOr(names, config.zones),
      inline,
      ttl: Number(lineOf(directive, 'ttl')?.args[0] ?? 3600),
      reverse: lineOf(directive, 'no_reverse') === undefined,
      fallthrough: fallthroughOf(directive),
    };
  },
  kubernetes(directive, config, fail) {
    const pods = lineOf(directive, 'pods')?.args[0] ?? 'disabled';
    if (pods !== 'disabled' && pods !== 'insecure' && pods !== 'verified')
      return fail(`wrong value for pods: ${pods},  must be one of: disabled, verified, insecure`);
    const ttl = Number(lineOf(directive, 'ttl')?.args[0] ?? DEFAULT_OPTIONS.ttl);
    if (!(ttl >= 0 && ttl <= 3600)) fail('ttl must be in range [0, 3600]: ' + String(ttl));
    config.kubernetes = {
      zones: directive.args.length > 0 ? directive.args.map(zone) : config.zones.map((own) => own.zone),
      pods,
      ttl,
      endpointPodNames: lineOf(directive, 'endpoint_pod_names') !== undefined,
      fallthrough: fallthroughOf(directive),
      namespaces: lineOf(directive, 'namespaces')?.args ?? [],
      ignoreEmptyService: lineOf(directive, 'ignore')?.args[0] === 'empty_service',
    };
  },
  forward(directive, config, fail) {
    const [from, ...to] = directive.args;
    if (from === undefined || to.length === 0) return fail(`${argumentsMissing}forward'`);
    config.forwards = [...config.forwards, { from: zone(from), to, except: (lineOf(directive, 'except')?.args ?? []).map(zone) }];
  },
};
