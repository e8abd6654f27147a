/** The kinds MutatingWebhookConfiguration and ValidatingWebhookConfiguration. What they do is in apiserver/policy. */
import { ageColumn, nameColumn } from '../columns.ts';
import { duplicate, invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { isDNS1123Subdomain } from '../../apimachinery/names.ts';
import { expressionChecks } from '../expressions.ts';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
  WebhookClientConfig,
} from '../generated/types.ts';
import { defineResource } from '../resource.ts';
import { validateLabelSelector } from '../validation/common.ts';
import { defaultedRules, matchConditionErrors, ruleErrors, unlessEqual } from './shared.ts';

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;
type Webhook = MutatingWebhook | ValidatingWebhook;

/** `SetDefaults_ValidatingWebhook` and `SetDefaults_ServiceReference`. */
function defaultedWebhook<W extends Webhook>(webhook: W): W {
  const { clientConfig, rules } = webhook;
  const service = clientConfig?.service;
  return {
    ...webhook,
    failurePolicy: webhook.failurePolicy ?? 'Fail',
    matchPolicy: webhook.matchPolicy ?? 'Equivalent',
    namespaceSelector: webhook.namespaceSelector ?? {},
    objectSelector: webhook.objectSelector ?? {},
    timeoutSeconds: webhook.timeoutSeconds ?? 10,
    ...(rules && { rules: defaultedRules(rules) }),
    ...(service && { clientConfig: { ...clientConfig, service: { ...service, port: service.port ?? 443 } } }),
  };
}

/** `ValidateWebhookURL` and `ValidateWebhookService`. */
function clientErrors({ url, service }: Partial<WebhookClientConfig>, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [required(path, 'exactly one of url or service is required')];
  if (url !== undefined) {
    if (!/^https:\/\/[^/?#@]+(?:\/[^?#]*)?$/.test(url))
      return [
        invalidValue(
          `${path}.url`,
          url,
          url.startsWith('https://')
            ? 'host must be specified'
            : "'https' is the only allowed URL scheme; desired format: https://host[/path]",
        ),
      ];
    return [];
  }
  const errors: FieldError[] = [];
  if (!service?.name) errors.push(required(`${path}.service.name`, 'service name is required'));
  if (!service?.namespace) errors.push(required(`${path}.service.namespace`, 'service namespace is required'));
  if (service?.port !== undefined && (service.port < 1 || service.port > 65535))
    errors.push(invalidValue(`${path}.service.port`, service.port, 'port is not valid: must be between 1 and 65535, inclusive'));
  return errors;
}

const POLICIES: readonly (readonly ['failurePolicy' | 'matchPolicy', readonly string[]])[] = [
  ['failurePolicy', ['Fail', 'Ignore']],
  ['matchPolicy', ['Equivalent', 'Exact']],
];

/** `validateWebhook`, without its expressions. */
function webhookErrors(webhook: Webhook, path: string): FieldError[] {
  const {
    name = '',
    rules = [],
    sideEffects,
    timeoutSeconds,
    clientConfig = {},
    admissionReviewVersions = [],
    matchConditions = [],
  } = webhook;
  const errors: FieldError[] = isDNS1123Subdomain(name).map((message) => invalidValue(`${path}.name`, name, message));
  if (errors.length === 0 && name.split('.').length < 3)
    errors.push(invalidValue(`${path}.name`, name, 'should be a domain with at least three segments separated by dots'));
  if (admissionReviewVersions.length === 0) errors.push(required(`${path}.admissionReviewVersions`, 'must specify one of v1, v1beta1'));
  else if (!admissionReviewVersions.some((version) => version === 'v1' || version === 'v1beta1'))
    errors.push(invalidValue(`${path}.admissionReviewVersions`, admissionReviewVersions, 'must include at least one of v1, v1beta1'));
  errors.push(...rules.flatMap((rule, index) => ruleErrors(rule, `${path}.rules[${index}]`)));
  for (const [field, allowed] of POLICIES) {
    const value = webhook[field];
    if (value !== undefined && !allowed.includes(value)) errors.push(notSupported(`${path}.${field}`, value, allowed));
  }
  if (!sideEffects) errors.push(required(`${path}.sideEffects`, 'must specify one of None, NoneOnDryRun'));
  else if (sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun')
    errors.push(notSupported(`${path}.sideEffects`, sideEffects, ['None', 'NoneOnDryRun']));
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > 30))
    errors.push(invalidValue(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'));
  if (
    'reinvocationPolicy' in webhook &&
    webhook.reinvocationPolicy !== undefined &&
    !['IfNeeded', 'Never'].includes(webhook.reinvocationPolicy)
  )
    errors.push(notSupported(`${path}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']));
  errors.push(...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`));
  errors.push(...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`));
  return [
    ...errors,
    ...clientErrors(clientConfig, `${path}.clientConfig`),
    ...matchConditionErrors(matchConditions, `${path}.matchConditions`),
  ];
}

function validate(configuration: Configuration): FieldError[] {
  const webhooks: readonly Webhook[] = configuration.webhooks ?? [];
  const errors = webhooks.flatMap((webhook, index) => [
    ...webhookErrors(webhook, `webhooks[${index}]`),
    ...(webhooks.findIndex(({ name }) => name === webhook.name) < index ? [duplicate(`webhooks[${index}].name`, webhook.name)] : []),
  ]);
  if (errors.length > 0 || !webhooks.some(({ matchConditions }) => matchConditions?.length)) return errors;
  return expressionChecks().webhooks(configuration);
}

const shared = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  namespaced: false,
  categories: ['api-extensions'],
  generation: true,
  validate,
  notSimulated: ['webhooks[*].clientConfig.caBundle'],
} as const;
const webhooksColumn = { name: 'Webhooks', type: 'integer', value: ({ webhooks }: Configuration) => webhooks?.length ?? 0 } as const;

/** admissionregistration.k8s.io/v1 MutatingWebhookConfiguration. */
export const MutatingWebhookConfigurationResource = defineResource<MutatingWebhookConfiguration>({
  ...shared,
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  schema: 'admissionregistration.v1.MutatingWebhookConfiguration',
  defaults(configuration) {
    const { webhooks } = configuration;
    if (webhooks === undefined) return configuration;
    const made = webhooks.map((webhook) => ({ ...defaultedWebhook(webhook), reinvocationPolicy: webhook.reinvocationPolicy ?? 'Never' }));
    return unlessEqual({ ...configuration, webhooks: made }, configuration);
  },
  columns: [nameColumn, webhooksColumn, ageColumn],
});

/** admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration. */
export const ValidatingWebhookConfigurationResource = defineResource<ValidatingWebhookConfiguration>({
  ...shared,
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  schema: 'admissionregistration.v1.ValidatingWebhookConfiguration',
  defaults(configuration) {
    const { webhooks } = configuration;
    return webhooks === undefined
      ? configuration
      : unlessEqual({ ...configuration, webhooks: webhooks.map(defaultedWebhook) }, configuration);
  },
  columns: [nameColumn, webhooksColumn, ageColumn],
});
