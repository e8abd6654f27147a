/** Fills `spec.compiled` of SchedulerPlugins in TypeScript, before they are sent: the scheduler runs JavaScript only. */
import type { SchedulerPlugin } from '../../../api/kubarium/scheduler-plugin.ts';
import type { Manifest, ManifestError } from '../../../scenario/manifests.ts';
import { ask } from '../analysis/service.ts';
import { stripTypes } from './strip.ts';
import type { SourceFault } from './protocol.ts';

interface PluginManifest extends Manifest {
  object: SchedulerPlugin;
}

/** Whether the manifest is a plugin that has to be compiled. */
function isTypeScript(manifest: Manifest): manifest is PluginManifest {
  const { kind, spec } = manifest.object as Partial<SchedulerPlugin>;
  return kind === 'SchedulerPlugin' && spec?.language === 'TypeScript' && typeof spec.source === 'string';
}

/** The same manifests with what was compiled, or the places in the text where the sources are no TypeScript. */
export async function compilePlugins(
  text: string,
  manifests: readonly Manifest[],
): Promise<{ manifests: Manifest[]; errors: ManifestError[] }> {
  const errors: ManifestError[] = [];
  const compiled = await Promise.all(
    manifests.map(async (manifest): Promise<Manifest> => {
      if (!isTypeScript(manifest)) return manifest;
      const { object } = manifest;
      const { code, faults } = await stripTypes(object.spec.source);
      if (faults.length > 0) errors.push(...(await placed(text, manifest, faults)));
      return { ...manifest, object: { ...object, spec: { ...object.spec, compiled: code } } as SchedulerPlugin };
    }),
  );
  return { manifests: compiled, errors };
}

/** The faults where they stand in the text: the source is a literal block, which begins on the line below its field. */
async function placed(text: string, { document, path, line }: Manifest, faults: readonly SourceFault[]): Promise<ManifestError[]> {
  const [field] = await ask('places', text, { of: [{ document, path, field: 'spec.source' }] });
  return faults.map((fault) => ({
    message: `spec.source: ${fault.message}`,
    line: (field?.line ?? line) + fault.line,
    column: (field?.column ?? 1) + 1 + fault.column,
    document,
  }));
}
