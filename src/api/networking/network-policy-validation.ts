/** Rules of NetworkPolicies (`ValidateNetworkPolicySpec` in `pkg/apis/networking/validation/validation.go`). */
import { broken, isCIDR, oneOf, validateCIDR, validateLabelSelector, validatePortNumberOrName } from '../validation/common.ts';
import { forbiddenField, invalidValue, required } from '../../apimachinery/status.ts';
import { isPortNumber } from '../../apimachinery/names.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../generated/types.ts';

function validatePort({ port, endPort, protocol }: NetworkPolicyPort, path: string): FieldError[] {
  const errors = oneOf(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']);
  if (port !== undefined) {
    errors.push(...validatePortNumberOrName(`${path}.port`, port));
    if (endPort !== undefined && typeof port === 'number') {
      if (endPort < port) errors.push(invalidValue(`${path}.endPort`, port, 'must be greater than or equal to `port`'));
      errors.push(...broken(`${path}.endPort`, endPort, isPortNumber(endPort)));
    }
    if (endPort !== undefined && typeof port === 'string')
      errors.push(invalidValue(`${path}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
  } else if (endPort !== undefined) errors.push(required(`${path}.port`, 'must be specified when `endPort` is specified'));
  return errors;
}

const bits = (cidr: string): number => Number(cidr.slice(cidr.indexOf('/') + 1));

function validateBlock({ cidr, except = [] }: IPBlock, path: string): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)];
  const errors = validateCIDR(`${path}.cidr`, cidr);
  except.forEach((range, index) => {
    const at = `${path}.except[${index}]`;
    errors.push(...validateCIDR(at, range));
    if (isCIDR(cidr) && isCIDR(range) && bits(range) <= bits(cidr))
      errors.push(invalidValue(at, range, 'must be a strict subset of `cidr`'));
  });
  return errors;
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string): FieldError[] {
  const errors = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`) : []),
  ];
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'));
  else if (ipBlock && (podSelector || namespaceSelector))
    errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'));
  return errors;
}

function validateRules(
  rules: readonly { ports?: NetworkPolicyPort[]; peers?: NetworkPolicyPeer[] }[],
  path: string,
  direction: 'from' | 'to',
): FieldError[] {
  return rules.flatMap(({ ports = [], peers = [] }, index) => [
    ...ports.flatMap((port, place) => validatePort(port, `${path}[${index}].ports[${place}]`)),
    ...peers.flatMap((peer, place) => validatePeer(peer, `${path}[${index}].${direction}[${place}]`)),
  ]);
}

/** `ValidateNetworkPolicySpec`. */
export function validateNetworkPolicy({ spec = {} }: NetworkPolicy): FieldError[] {
  const { podSelector, ingress = [], egress = [], policyTypes = [] } = spec;
  const errors = [
    ...validateLabelSelector(podSelector, 'spec.podSelector'),
    ...validateRules(
      ingress.map(({ ports, from }) => ({ ports, peers: from })),
      'spec.ingress',
      'from',
    ),
    ...validateRules(
      egress.map(({ ports, to }) => ({ ports, peers: to })),
      'spec.egress',
      'to',
    ),
  ];
  if (policyTypes.length > 2)
    return [...errors, invalidValue('spec.policyTypes', policyTypes, 'may not specify more than two policyTypes')];
  return [...errors, ...policyTypes.flatMap((type, index) => oneOf(`spec.policyTypes[${index}]`, type, ['Egress', 'Ingress'], true))];
}
