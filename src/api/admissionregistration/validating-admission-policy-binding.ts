/** The kind ValidatingAdmissionPolicyBinding: where a policy holds, with which parameters, and what a failure does. */
import { ageColumn, nameColumn } from '../columns.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { isDNS1123Subdomain } from '../../apimachinery/names.ts';
import type { ParamRef, ValidatingAdmissionPolicyBinding } from '../generated/types.ts';
import { defineResource } from '../resource.ts';
import { defaultedMatch, matchErrors, unlessEqual } from './shared.ts';

const ACTIONS = ['Audit', 'Deny', 'Warn'];

/** `validateParamRef`. */
function paramRefErrors({ name, selector, parameterNotFoundAction }: ParamRef): FieldError[] {
  const errors: FieldError[] = [];
  const path = 'spec.paramRef';
  if (name && selector !== undefined) {
    errors.push(forbiddenField(`${path}.name`, 'name and selector are mutually exclusive'));
    errors.push(forbiddenField(`${path}.selector`, 'name and selector are mutually exclusive'));
  } else if (!name && selector === undefined) errors.push(required(path, 'one of name or selector must be specified'));
  if (!parameterNotFoundAction) errors.push(required(`${path}.parameterNotFoundAction`));
  else if (parameterNotFoundAction !== 'Allow' && parameterNotFoundAction !== 'Deny')
    errors.push(notSupported(`${path}.parameterNotFoundAction`, parameterNotFoundAction, ['Deny', 'Allow']));
  return errors;
}

/** `validateValidatingAdmissionPolicyBindingSpec`. */
function validate({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const { policyName, paramRef, matchResources, validationActions = [] } = spec ?? {};
  const errors: FieldError[] = [];
  if (!policyName) errors.push(required('spec.policyName'));
  else errors.push(...isDNS1123Subdomain(policyName).map((message) => invalidValue('spec.policyName', policyName, message)));
  if (paramRef !== undefined) errors.push(...paramRefErrors(paramRef));
  if (matchResources !== undefined) errors.push(...matchErrors(matchResources, 'spec.matchResources', false));
  if (validationActions.length === 0) errors.push(required('spec.validationActions', 'at least one validation action is required'));
  validationActions.forEach((action, index) => {
    if (!ACTIONS.includes(action)) errors.push(notSupported(`spec.validationActions[${index}]`, action, ACTIONS));
    else if (validationActions.indexOf(action) < index) errors.push(duplicate(`spec.validationActions[${index}]`, action));
  });
  if (validationActions.includes('Deny') && validationActions.includes('Warn'))
    errors.push(
      invalidValue(
        'spec.validationActions',
        validationActions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  return errors;
}

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding. */
export const ValidatingAdmissionPolicyBindingResource = defineResource<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  namespaced: false,
  schema: 'admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  categories: ['api-extensions'],
  generation: true,
  defaults(binding) {
    const { spec } = binding;
    if (spec?.matchResources === undefined) return binding;
    return unlessEqual({ ...binding, spec: { ...spec, matchResources: defaultedMatch(spec.matchResources) } }, binding);
  },
  validate,
  columns: [
    nameColumn,
    { name: 'PolicyName', value: ({ spec }) => spec?.policyName ?? '' },
    { name: 'ParamRef', value: ({ spec }) => paramText(spec?.paramRef) },
    ageColumn,
  ],
});

function paramText(ref: ParamRef | undefined): string {
  if (ref === undefined) return '<unset>';
  return ref.namespace ? `${ref.namespace}/${ref.name || '*'}` : ref.name || '*';
}
