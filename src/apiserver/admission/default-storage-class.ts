/**
 * Gives a claim without a class the default class: the newest of those marked default
 * (`k8s.io/kubernetes/plugin/pkg/admission/storage/storageclass/setdefault`).
 */
import type { PersistentVolumeClaim, StorageClass } from '../../api/generated/types.ts';
import { StorageClassResource } from '../../api/storage/storage-class.ts';
import type { AdmissionPlugin } from './admission.ts';

const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';
const IS_DEFAULT_BETA = 'storageclass.beta.kubernetes.io/is-default-class';
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

const isDefault = ({ metadata }: StorageClass) =>
  metadata.annotations?.[IS_DEFAULT] === 'true' || metadata.annotations?.[IS_DEFAULT_BETA] === 'true';

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  admit({ operation, resource, reader }, object) {
    if (operation !== 'CREATE' || resource.kind !== 'PersistentVolumeClaim') return object;
    const claim = object as PersistentVolumeClaim;
    if (claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[BETA_CLASS] !== undefined) return object;
    const [newest] = reader
      .list(StorageClassResource)
      .filter(isDefault)
      .sort((a, b) =>
        a.metadata.creationTimestamp < b.metadata.creationTimestamp
          ? 1
          : a.metadata.creationTimestamp > b.metadata.creationTimestamp
            ? -1
            : a.metadata.name < b.metadata.name
              ? -1
              : 1,
      );
    if (newest === undefined) return object;
    return { ...claim, spec: { ...claim.spec, storageClassName: newest.metadata.name } } as PersistentVolumeClaim;
  },
};
