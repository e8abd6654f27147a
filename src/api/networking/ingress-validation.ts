/** Rules of Ingresses (`ValidateIngressSpec` in `pkg/apis/networking/validation/validation.go`). */
import { broken, invalidGo, isIP, oneOf } from '../validation/common.ts';
import { invalidValue, required } from '../../apimachinery/status.ts';
import { isDNS1035Label, isDNS1123Subdomain, isPortName, isPortNumber, isWildcardDNS1123Subdomain } from '../../apimachinery/names.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { HTTPIngressPath, Ingress, IngressBackend, IngressRule } from '../generated/types.ts';

const INVALID_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const INVALID_SUFFIXES = ['/..', '/.'];

function validateBackend({ service, resource }: Partial<IngressBackend>, path: string): FieldError[] {
  if (resource && service) return [invalidValue(path, '', 'cannot set both resource and service backends')];
  if (resource) {
    return [...(resource.kind ? [] : [required(`${path}.resource.kind`)]), ...(resource.name ? [] : [required(`${path}.resource.name`)])];
  }
  if (!service) return [required(path, 'service or resource backend is required')];
  const at = `${path}.service`;
  const errors = service.name ? broken(`${at}.name`, service.name, isDNS1035Label(service.name)) : [required(`${at}.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalidValue(path, '', 'cannot set both port name & port number'));
  else if (name) errors.push(...broken(`${at}.port.name`, name, isPortName(name)));
  else if (number) errors.push(...broken(`${at}.port.number`, number, isPortNumber(number)));
  else errors.push(required(path, 'port name or number is required'));
  return errors;
}

function validatePath({ path: text = '', pathType, backend }: HTTPIngressPath, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!pathType) errors.push(required(`${path}.pathType`, 'pathType must be specified'));
  else if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!text.startsWith('/')) errors.push(invalidValue(`${path}.path`, text, 'must be an absolute path'));
    for (const sequence of INVALID_SEQUENCES)
      if (text.includes(sequence)) errors.push(invalidValue(`${path}.path`, text, `must not contain '${sequence}'`));
    for (const suffix of INVALID_SUFFIXES)
      if (text.endsWith(suffix)) errors.push(invalidValue(`${path}.path`, text, `cannot end with '${suffix}'`));
  } else if (pathType === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) errors.push(invalidValue(`${path}.path`, text, 'must be an absolute path'));
  } else errors.push(...oneOf(`${path}.pathType`, pathType, ['Exact', 'ImplementationSpecific', 'Prefix']));
  return [...errors, ...validateBackend(backend ?? {}, `${path}.backend`)];
}

function validateRule({ host, http }: IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (host) {
    if (isIP(host)) errors.push(invalidValue(`${path}.host`, host, 'must be a DNS name, not an IP address'));
    else errors.push(...broken(`${path}.host`, host, host.includes('*') ? isWildcardDNS1123Subdomain(host) : isDNS1123Subdomain(host)));
  }
  if (!http) return errors;
  if (!http.paths?.length) return [...errors, required(`${path}.http.paths`)];
  return [...errors, ...http.paths.flatMap((entry, index) => validatePath(entry, `${path}.http.paths[${index}]`))];
}

/** `ValidateIngressCreate`. */
export function validateIngress({ spec = {}, metadata }: Ingress): FieldError[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) {
    errors.push(invalidGo('spec', '[]networking.IngressRule(nil)', 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, 'spec.defaultBackend'));
  errors.push(...rules.flatMap((rule, index) => validateRule(rule, `spec.rules[${index}]`)));
  tls.forEach(({ hosts = [] }, index) => {
    hosts.forEach((host, place) => {
      const messages = host.includes('*') ? isWildcardDNS1123Subdomain(host) : isDNS1123Subdomain(host);
      errors.push(...broken(`spec.tls[${index}].hosts[${place}]`, host, messages));
    });
  });
  if (ingressClassName !== undefined)
    errors.push(...broken('spec.ingressClassName', ingressClassName, isDNS1123Subdomain(ingressClassName)));
  const annotation = metadata.annotations?.['kubernetes.io/ingress.class'];
  if (annotation !== undefined && ingressClassName !== undefined && annotation !== ingressClassName) {
    errors.push(invalidValue('annotations', annotation, 'ingressClass annotation and IngressClassName field must match'));
  }
  return errors;
}
