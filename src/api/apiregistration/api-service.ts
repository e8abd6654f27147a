/**
 * The kind APIService: which group and version is answered by whom (`k8s.io/kube-aggregator/pkg/{apis/apiregistration,registry/apiservice}`).
 * Differs: a service that answers for a group is stored only; all that is served is local.
 */
import { ageColumn, nameColumn } from '../columns.ts';
import { invalidValue, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { isCondition } from '../../apimachinery/conditions.ts';
import { withDefaults, withField, withSpec } from '../defaulting.ts';
import { defineResource } from '../resource.ts';
import type { APIService } from '../generated/types.ts';

const MAX_GROUP_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1000;

function between(field: string, value: number | undefined, most: number): FieldError[] {
  if (value !== undefined && value > 0 && value <= most) return [];
  return [invalidValue(field, value ?? 0, `must be positive and less than ${most}`)];
}

function validate({ metadata, spec }: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum, versionPriority, service, caBundle, insecureSkipTLSVerify } = spec;
  const name = `${version}.${group}`;
  const errors: FieldError[] = [];
  if (metadata.name !== name)
    errors.push(invalidValue('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`));
  if (group === '' && version !== 'v1') errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  if (version === '') errors.push(required('spec.version'));
  errors.push(...between('spec.groupPriorityMinimum', groupPriorityMinimum, MAX_GROUP_PRIORITY));
  errors.push(...between('spec.versionPriority', versionPriority, MAX_VERSION_PRIORITY));
  if (service === undefined) {
    if (caBundle) errors.push(invalidValue('spec.caBundle', `${caBundle.length} bytes`, 'local APIServices may not have a caBundle'));
    if (insecureSkipTLSVerify)
      errors.push(invalidValue('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'));
  if (!service.name) errors.push(required('spec.service.name'));
  return errors;
}

/** apiregistration.k8s.io/v1 APIService. */
export const APIServiceResource = defineResource<APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'apiregistration.v1.APIService',
  subresources: { status: true },
  generation: false,
  defaults(sent) {
    const object = withSpec(sent);
    const { service } = object.spec;
    return service === undefined ? object : { ...object, spec: withField(object.spec, 'service', withDefaults(service, { port: 443 })) };
  },
  validate,
  // A name begins with the version, and ends with a dot for the core group.
  validateName: () => [],
  notSimulated: ['spec.caBundle', 'spec.insecureSkipTLSVerify', 'spec.service'],
  columns: [
    nameColumn,
    { name: 'Service', value: ({ spec }) => (spec.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local') },
    { name: 'Available', value: ({ status }) => availability(status?.conditions) },
    ageColumn,
  ],
});

type Conditions = NonNullable<APIService['status']>['conditions'];

/** "True", or "False (ServiceNotFound)". */
function availability(conditions: Conditions): string {
  const condition = conditions?.find(({ type }) => type === 'Available');
  if (condition === undefined) return 'Unknown';
  return isCondition(conditions, 'Available') ? condition.status : `${condition.status} (${condition.reason ?? ''})`;
}
