/** The kind Namespace. */
import { withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { isDNS1123Label } from '../../apimachinery/names.ts';
import { validateKubeFinalizer } from '../validation/object-meta.ts';
import { defineResource } from '../resource.ts';
import type { Namespace } from '../generated/types.ts';

/** The label by which selectors name a namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** v1 Namespace. */
export const NamespaceResource = defineResource<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  schema: 'core.v1.Namespace',
  subresources: { status: true },
  defaults(namespace) {
    const { name, labels } = namespace.metadata;
    const labelled =
      !name || labels?.[NAME_LABEL] === name
        ? namespace
        : { ...namespace, metadata: { ...namespace.metadata, labels: { ...labels, [NAME_LABEL]: name } } };
    return withDefaults(withSpec(labelled), { status: { phase: 'Active' } });
  },
  prepareForCreate(namespace) {
    const finalizers = namespace.spec?.finalizers ?? [];
    const spec = finalizers.includes('kubernetes') ? namespace.spec : { ...namespace.spec, finalizers: [...finalizers, 'kubernetes'] };
    return { ...namespace, spec, status: { phase: 'Active' } };
  },
  prepareForUpdate: (next, old) => ({ ...next, spec: { ...next.spec, finalizers: old.spec?.finalizers } }),
  validate: ({ spec }) => (spec?.finalizers ?? []).flatMap((finalizer) => validateKubeFinalizer(finalizer, 'spec.finalizers')),
  validateName: isDNS1123Label,
  selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
  columns: [nameColumn, { name: 'Status', value: ({ status }) => status?.phase ?? '' }, ageColumn],
});
