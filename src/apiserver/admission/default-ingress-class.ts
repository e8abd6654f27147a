/**
 * Gives an Ingress without a class the default class: the newest of those marked default
 * (`k8s.io/kubernetes/plugin/pkg/admission/network/defaultingressclass`).
 */
import type { Ingress, IngressClass } from '../../api/generated/types.ts';
import { IngressClassResource } from '../../api/networking/ingress-class.ts';
import type { AdmissionPlugin } from './admission.ts';

const IS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class';
/** The annotation of before there were classes; it keeps the default away. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

const isDefault = ({ metadata }: IngressClass): boolean => metadata.annotations?.[IS_DEFAULT] === 'true';

/** The newer one first, of equally old ones by name. */
function byAge(a: IngressClass, b: IngressClass): number {
  const [first, second] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (first !== second) return first < second ? 1 : -1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  admit({ operation, resource, subresource, reader }, object) {
    if (operation !== 'CREATE' || resource.kind !== 'Ingress' || subresource !== '') return object;
    const ingress = object as Ingress;
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return object;
    const [newest] = reader.list(IngressClassResource).filter(isDefault).sort(byAge);
    return newest === undefined ? object : ({ ...ingress, spec: { ...ingress.spec, ingressClassName: newest.metadata.name } } as Ingress);
  },
};
