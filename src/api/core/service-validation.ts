/** Rules of Services (`ValidateService`, `ValidateServiceUpdate` in `pkg/apis/core/validation/validation.go`). */
import { broken, oneOf, validateCIDR, validateIP, validatePortNumberOrName } from '../validation/common.ts';
import { duplicate, forbiddenField, invalidValue, required } from '../../apimachinery/status.ts';
import { isDNS1123Label, isDNS1123Subdomain, isPortNumber } from '../../apimachinery/names.ts';
import { isHeadless } from './service-ips.ts';
import { validateLabels } from '../validation/object-meta.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { Service, ServicePort, ServiceSpec } from '../generated/types.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const KUBELET_PORT = 10250;
const MAX_AFFINITY_SECONDS = 86_400;

function validatePort(port: ServicePort, needsName: boolean, names: Set<string>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (port.name) {
    errors.push(...broken(`${path}.name`, port.name, isDNS1123Label(port.name)));
    if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
    names.add(port.name);
  } else if (needsName) errors.push(required(`${path}.name`));
  errors.push(
    ...broken(`${path}.port`, port.port ?? 0, isPortNumber(port.port)),
    ...oneOf(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP'], true),
  );
  return port.targetPort === undefined ? errors : [...errors, ...validatePortNumberOrName(`${path}.targetPort`, port.targetPort)];
}

function validateByType(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { type, ports = [], externalName } = spec;
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') errors.push(required('spec.ports'));
  if (type === 'LoadBalancer') {
    ports.forEach(({ port }, index) => {
      const why = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`;
      if (port === KUBELET_PORT) errors.push(invalidValue(`spec.ports[${index}]`, port, why));
    });
  }
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  if (type !== 'ExternalName') return errors;
  if (spec.clusterIP || spec.clusterIPs?.length) errors.push(forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services'));
  if (!externalName) return [...errors, required('spec.externalName')];
  const name = externalName.replace(/\.$/, '');
  return [...errors, ...broken('spec.externalName', name, isDNS1123Subdomain(name))];
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const errors = oneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'], true);
  if (sessionAffinity === 'None' && sessionAffinityConfig) {
    errors.push(forbiddenField('spec.sessionAffinityConfig', 'must not be set when session affinity is None'));
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinity === 'ClientIP' && seconds !== undefined && (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS)) {
    const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
    errors.push(invalidValue(path, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`));
  }
  return errors;
}

function validateNodePorts({ type, ports = [] }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const nodePorts = new Set<string>();
  const seen = new Set<string>();
  ports.forEach(({ nodePort }, index) => {
    if (type === 'ClusterIP' && nodePort)
      errors.push(forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
  });
  ports.forEach(({ nodePort, protocol = 'TCP' }, index) => {
    if (!nodePort) return;
    if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort));
    nodePorts.add(`${protocol}/${nodePort}`);
  });
  ports.forEach(({ port, protocol = 'TCP' }, index) => {
    const shown = `core.ServicePort{Name:"", Protocol:"${protocol}", AppProtocol:(*string)(nil), Port:${port}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`;
    const key = `${protocol}/${port}`;
    if (seen.has(key)) errors.push({ type: 'FieldValueDuplicate', field: `spec.ports[${index}]`, detail: `Duplicate value: ${shown}` });
    seen.add(key);
  });
  return errors;
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const { type, externalTrafficPolicy, internalTrafficPolicy, loadBalancerSourceRanges, loadBalancerClass, externalIPs = [] } = spec;
  const errors: FieldError[] = [];
  const onlyFor = (field: keyof ServiceSpec) => forbiddenField(`spec.${field}`, "may only be used when `type` is 'LoadBalancer'");
  loadBalancerSourceRanges?.forEach((range, index) => errors.push(...validateCIDR(`spec.loadBalancerSourceRanges[${index}]`, range)));
  if (loadBalancerSourceRanges?.length && type !== 'LoadBalancer') errors.push(onlyFor('loadBalancerSourceRanges'));
  if (spec.allocateLoadBalancerNodePorts !== undefined && type !== 'LoadBalancer') errors.push(onlyFor('allocateLoadBalancerNodePorts'));
  if (loadBalancerClass !== undefined && type !== 'LoadBalancer') errors.push(onlyFor('loadBalancerClass'));
  const external = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0);
  if (external) errors.push(...oneOf('spec.externalTrafficPolicy', externalTrafficPolicy, ['Cluster', 'Local'], true));
  else if (externalTrafficPolicy) {
    errors.push(invalidValue('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services'));
  }
  errors.push(...oneOf('spec.internalTrafficPolicy', internalTrafficPolicy, ['Cluster', 'Local']));
  return [...errors, ...oneOf('spec.trafficDistribution', spec.trafficDistribution, ['PreferClose'])];
}

/** `ValidateService`; cluster IPs in range and unused ports are the allocators' business. */
export function validateService({ spec }: Service): FieldError[] {
  const errors = validateByType(spec);
  const names = new Set<string>();
  const ports = spec.ports ?? [];
  ports.forEach((port, index) => errors.push(...validatePort(port, ports.length > 1, names, `spec.ports[${index}]`)));
  errors.push(...validateLabels(spec.selector, 'spec.selector'), ...validateAffinity(spec));
  const clusterIPs = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  clusterIPs.forEach((address, index) => {
    if (address !== 'None' && address !== '') errors.push(...validateIP(`spec.clusterIPs[${index}]`, address));
  });
  if (spec.clusterIP && spec.clusterIPs?.length && spec.clusterIP !== spec.clusterIPs[0]) {
    errors.push(invalidValue('spec.clusterIPs', spec.clusterIPs, 'first value must match `clusterIP`'));
  }
  spec.externalIPs?.forEach((address, index) => errors.push(...validateIP(`spec.externalIPs[${index}]`, address)));
  errors.push(...oneOf('spec.type', spec.type, TYPES, true), ...validateNodePorts(spec));
  return [...errors, ...validateTraffic(spec)];
}

const primaryOf = ({ clusterIP, clusterIPs }: ServiceSpec): string => clusterIPs?.[0] ?? clusterIP ?? '';

/** A cluster IP stays as long as the Service has one (`ValidateServiceUpdate`). */
export function validateServiceUpdate({ spec: next }: Service, { spec: old }: Service): FieldError[] {
  if (next.type === 'ExternalName' || old.type === 'ExternalName' || primaryOf(old) === '') return [];
  const primary = primaryOf(next);
  if (primary === primaryOf(old)) return [];
  const shown = `[]string{${(next.clusterIPs ?? [primary]).map((address) => JSON.stringify(address)).join(', ')}}`;
  const why = primary === '' ? 'primary clusterIP can not be unset' : 'may not change once set';
  return [{ type: 'FieldValueInvalid', field: 'spec.clusterIPs[0]', detail: `Invalid value: ${shown}: ${why}` }];
}
