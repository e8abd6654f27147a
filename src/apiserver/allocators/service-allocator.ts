/**
 * Gives Services their cluster IPs and node ports (`k8s.io/kubernetes/pkg/registry/core/service/storage/alloc.go`,
 * `ipallocator`, `portallocator`). Both ranges have a lower band that is kept for addresses chosen by hand; random
 * choice begins above it.
 */
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { invalid, invalidValue, StatusError } from '../../apimachinery/status.ts';
import type { Service, ServicePort, ServiceSpec } from '../../api/generated/types.ts';
import { isLocal } from '../../api/core/service-type-change.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { Random } from '../../sim/random.ts';
import { formatIPv4, parseIPv4 } from './ipv4.ts';
import { RangeAllocator } from './range-allocator.ts';

/** The default ranges of kubeadm and kube-apiserver. */
export const SERVICE_CIDR = '10.96.0.0/12';
const NODE_PORT_FIRST = 30_000;
const NODE_PORT_COUNT = 2_768;
const OUT_OF_RANGE = `provided port is not in the valid range. The range of valid ports is ${NODE_PORT_FIRST}-${NODE_PORT_FIRST + NODE_PORT_COUNT - 1}`;
const TAKEN = 'provided port is already allocated';

const isService = (definition: ResourceDefinition, object: KubernetesObject): object is Service =>
  definition.kind === 'Service' && definition.group === '' && 'spec' in object;

/** Allocation state of one apiserver. It is rebuilt from the Services in the store when the server starts. */
export class ServiceAllocator {
  readonly #base = parseIPv4('10.96.0.0') as number;
  readonly #ips: RangeAllocator;
  readonly #nodePorts: RangeAllocator;

  constructor(random: Random) {
    // The network and broadcast addresses are not usable; 10.96.0.1 is the first.
    this.#ips = new RangeAllocator(random.fork('cluster-ips'), 1, 2 ** 20 - 2);
    this.#nodePorts = new RangeAllocator(random.fork('node-ports'), 0, NODE_PORT_COUNT);
  }

  /** Takes note of what an existing Service holds. */
  restore(service: Service): void {
    for (const offset of this.#ipOffsets(service.spec)) this.#ips.take(offset);
    for (const port of nodePortsOf(service.spec)) this.#nodePorts.take(port - NODE_PORT_FIRST);
  }

  /** Fills in what `next` needs and does not have; keeps what `old` had. Throws 422 when a chosen address or port is taken. */
  allocate<T extends KubernetesObject>(definition: ResourceDefinition<T>, next: T, old: T | undefined): T {
    if (!isService(definition as unknown as ResourceDefinition, next)) return next;
    const service: Service = next;
    const before = (old as Service | undefined)?.spec;
    const withPorts = this.#withHealthCheckPort(this.#withNodePorts(service, this.#withClusterIP(service, before), before), before);
    const spec = withFamilies(withPorts, before);
    if (old !== undefined) this.#releaseSpec(before, spec);
    return deepEqual(spec, service.spec) ? next : ({ ...next, spec } as T);
  }

  /** Gives back what `object` held and `successor` does not hold. */
  release<T extends KubernetesObject>(definition: ResourceDefinition<T>, object: T, successor: T | undefined): void {
    if (!isService(definition as unknown as ResourceDefinition, object)) return;
    this.#releaseSpec(object.spec, (successor as Service | undefined)?.spec);
  }

  #withClusterIP({ metadata, spec }: Service, before: ServiceSpec | undefined): ServiceSpec {
    if (spec.type === 'ExternalName' || spec.clusterIP === 'None')
      return spec.clusterIP === 'None' ? { ...spec, clusterIPs: ['None'] } : spec;
    if (before?.clusterIP && (!spec.clusterIP || spec.clusterIP === before.clusterIP)) {
      return { ...spec, clusterIP: before.clusterIP, clusterIPs: before.clusterIPs };
    }
    if (spec.clusterIP) {
      const offset = this.#offsetOf(spec.clusterIP);
      if (offset === undefined)
        throw refused(
          metadata.name,
          'spec.clusterIPs',
          [spec.clusterIP],
          `failed to allocate IP ${spec.clusterIP}: the provided IP (${spec.clusterIP}) is not in the valid range. The range of valid IPs is ${SERVICE_CIDR}`,
        );
      if (!this.#ips.take(offset))
        throw refused(
          metadata.name,
          'spec.clusterIPs',
          [spec.clusterIP],
          `failed to allocate IP ${spec.clusterIP}: provided IP is already allocated`,
        );
      return { ...spec, clusterIPs: [spec.clusterIP] };
    }
    const offset = this.#ips.takeAny();
    if (offset === undefined)
      throw new StatusError(500, 'InternalError', 'Internal error occurred: failed to allocate a serviceIP: range is full');
    const clusterIP = formatIPv4(this.#base + offset);
    return { ...spec, clusterIP, clusterIPs: [clusterIP] };
  }

  #withNodePorts({ metadata }: Service, spec: ServiceSpec, before: ServiceSpec | undefined): ServiceSpec {
    const wanted = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
    if (!wanted) return spec;
    const held = new Set(nodePortsOf(before));
    const ports = (spec.ports ?? []).map((port, index): ServicePort => {
      if (port.nodePort) {
        const field = `spec.ports[${index}].nodePort`;
        if (held.has(port.nodePort)) return port;
        const offset = port.nodePort - NODE_PORT_FIRST;
        if (offset < 0 || offset >= NODE_PORT_COUNT) throw refused(metadata.name, field, port.nodePort, OUT_OF_RANGE);
        if (!this.#nodePorts.take(offset)) throw refused(metadata.name, field, port.nodePort, TAKEN);
        return port;
      }
      const kept = before?.ports?.find((old) => old.port === port.port && (old.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.nodePort;
      if (kept) return { ...port, nodePort: kept };
      const offset = this.#nodePorts.takeAny();
      if (offset === undefined)
        throw refused(metadata.name, `spec.ports[${index}].nodePort`, 0, 'failed to allocate a nodePort: range is full');
      return { ...port, nodePort: NODE_PORT_FIRST + offset };
    });
    return { ...spec, ports };
  }

  /** The port at which a node tells load balancers whether it has endpoints (`allocHealthCheckNodePort`); an update has been given the old one. */
  #withHealthCheckPort(spec: ServiceSpec, before: ServiceSpec | undefined): ServiceSpec {
    const { healthCheckNodePort: wanted = 0 } = spec;
    if (!isLocal(spec) || (wanted !== 0 && wanted === before?.healthCheckNodePort)) return spec;
    if (wanted === 0) {
      const offset = this.#nodePorts.takeAny();
      if (offset === undefined) throw notAllocated('a HealthCheck NodePort 0', 'range is full');
      return { ...spec, healthCheckNodePort: NODE_PORT_FIRST + offset };
    }
    const offset = wanted - NODE_PORT_FIRST;
    const what = `requested HealthCheck NodePort ${wanted}`;
    if (offset < 0 || offset >= NODE_PORT_COUNT) throw notAllocated(what, OUT_OF_RANGE);
    if (!this.#nodePorts.take(offset)) throw notAllocated(what, TAKEN);
    return spec;
  }

  #releaseSpec(spec: ServiceSpec | undefined, kept: ServiceSpec | undefined): void {
    if (spec === undefined) return;
    const keptIps = new Set(this.#ipOffsets(kept));
    for (const offset of this.#ipOffsets(spec)) if (!keptIps.has(offset)) this.#ips.free(offset);
    const keptPorts = new Set(nodePortsOf(kept));
    for (const port of nodePortsOf(spec)) if (!keptPorts.has(port)) this.#nodePorts.free(port - NODE_PORT_FIRST);
  }

  #ipOffsets(spec: ServiceSpec | undefined): number[] {
    const offset = spec?.clusterIP && spec.clusterIP !== 'None' ? this.#offsetOf(spec.clusterIP) : undefined;
    return offset === undefined ? [] : [offset];
  }

  #offsetOf(ip: string): number | undefined {
    const address = parseIPv4(ip);
    if (address === undefined) return undefined;
    const offset = address - this.#base;
    return this.#ips.contains(offset) ? offset : undefined;
  }
}

const IPV4: readonly string[] = ['IPv4'];
const BOTH: readonly string[] = ['IPv4', 'IPv6'];

/** The address families of a cluster that has IPv4 only (`pkg/registry/core/service/storage/alloc.go`: initIPFamilyFields). */
function withFamilies(spec: ServiceSpec, before: ServiceSpec | undefined): ServiceSpec {
  if (spec.type === 'ExternalName') return spec;
  // A headless Service without selector may have endpoints of any family: its user knows.
  const open = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
  const ipFamilyPolicy = spec.ipFamilyPolicy ?? before?.ipFamilyPolicy ?? (open ? 'RequireDualStack' : 'SingleStack');
  const families = open && ipFamilyPolicy !== 'SingleStack' ? BOTH : IPV4;
  return { ...spec, ipFamilies: spec.ipFamilies ?? before?.ipFamilies ?? (families as string[]), ipFamilyPolicy };
}

function nodePortsOf(spec: ServiceSpec | undefined): number[] {
  const { ports = [], healthCheckNodePort } = spec ?? {};
  return [...ports.map(({ nodePort }) => nodePort), healthCheckNodePort].filter((port): port is number => port !== undefined && port > 0);
}

const notAllocated = (what: string, why: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: failed to allocate ${what}: ${why}`);

function refused(name: string, field: string, value: unknown, detail: string): StatusError {
  return invalid('', 'Service', name, [invalidValue(field, value, detail)]);
}
