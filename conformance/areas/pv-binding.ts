/** The PersistentVolume that a claim gets. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/api/generated/types.ts';
import { findMatchingVolume } from '../../src/controller-manager/pv-binder/matching.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = ({ volumes, claim }, { file }) => {
  const sets = file['volumeSets'] as Record<string, PersistentVolume[]>;
  const among = typeof volumes === 'string' ? (sets[volumes] ?? []) : (volumes as PersistentVolume[]);
  return { volume: findMatchingVolume(claim as PersistentVolumeClaim, among, false)?.metadata.name ?? null };
};
