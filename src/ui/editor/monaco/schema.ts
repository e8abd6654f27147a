/**
 * Completion and hover from the cluster's own schema. The light schema comes first (it is enough for completion); the one with
 * descriptions, nine times as large, replaces it when the page has nothing else to do. Validation is the editor's own (analysis/).
 */
import * as monaco from 'monaco-editor/editor';
import { configureMonacoYaml } from 'monaco-yaml';
import type { JSONSchema, MonacoYaml, MonacoYamlOptions } from 'monaco-yaml';
import fullUrl from '../../../../generated/k8s-editor.json?url';
import lightUrl from '../../../../generated/k8s-editor-nodesc.json?url';

const FILES = ['**/*.yaml'];

async function fetchSchema(url: string): Promise<JSONSchema> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`schema: ${String(response.status)}`);
  return (await response.json()) as JSONSchema;
}

const optionsFor = (schema: JSONSchema | undefined): MonacoYamlOptions => ({
  enableSchemaRequest: false,
  hoverSchemaSource: false,
  validate: false,
  format: { enable: false },
  yamlVersion: '1.1',
  schemas: schema ? [{ uri: 'kubarium://schema.json', fileMatch: FILES, schema }] : [],
});

function whenIdle(run: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(run, { timeout: 10_000 });
  else setTimeout(run, 3000);
}

let configured = false;

/** Turns completion and hover on, once. A schema that does not load leaves an editor without them. */
export function offerSchema(): void {
  if (configured) return;
  configured = true;
  // monaco-yaml's types describe an older monaco; what it uses of it is the same.
  const yaml: MonacoYaml = configureMonacoYaml(monaco as unknown as Parameters<typeof configureMonacoYaml>[0], optionsFor(undefined));
  const load = async (url: string) => yaml.update(optionsFor(await fetchSchema(url)));
  load(lightUrl)
    .then(() => whenIdle(() => void load(fullUrl).catch(() => undefined)))
    .catch(() => undefined);
}
