/** Protects volumes and claims in use by a finalizer (`plugin/pkg/admission/storage/storageobjectinuseprotection`). */
import type { AdmissionPlugin } from './admission.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: 'kubernetes.io/pvc-protection',
  PersistentVolume: 'kubernetes.io/pv-protection',
};

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ operation, resource }, object) {
    const finalizer = FINALIZERS[resource.kind];
    if (operation !== 'CREATE' || finalizer === undefined) return object;
    const finalizers = object.metadata.finalizers ?? [];
    if (finalizers.includes(finalizer)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
  },
};
