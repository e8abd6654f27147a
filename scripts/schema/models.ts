/**
 * Reads the models of @kubernetes/client-node (Apache-2.0), which are generated from the OpenAPI document of a Kubernetes release:
 * field names, types and formats come from the run-time type map (.js), required fields and texts from the declarations (.d.ts).
 * The package is only read as text, never imported.
 */
import fs from 'node:fs';
import path from 'node:path';

/** One field of a model, with the type as client-node writes it ("Array<V1Container>"). */
export interface Attribute {
  name: string;
  /** The name in JSON. */
  baseName: string;
  type: string;
  format: string;
}

/** One model, named as in client-node ("V1PodSpec"). */
export interface Model {
  name: string;
  attributes: Attribute[];
  /** Texts and required fields by `Attribute.name`. */
  texts: Map<string, string>;
  required: Set<string>;
  description: string | undefined;
}

const unescape = (text: string): string => text.replace(/\\(['"\\])/g, '$1');

/** All models under client-node's `gen` folder, by name. */
export function readModels(genFolder: string): Map<string, Model> {
  const folder = path.join(genFolder, 'models');
  const models = new Map<string, Model>();
  for (const file of fs.readdirSync(folder).sort()) {
    if (!file.endsWith('.js')) continue;
    const model = readModel(folder, file.slice(0, -3));
    if (model) models.set(model.name, model);
  }
  return models;
}

function readModel(folder: string, name: string): Model | undefined {
  const source = fs.readFileSync(path.join(folder, `${name}.js`), 'utf8');
  const typeMap = /\.attributeTypeMap = (\[[\s\S]*?\n\]|\[\]);/.exec(source)?.[1];
  if (!typeMap) return undefined;
  const declarations = fs.readFileSync(path.join(folder, `${name}.d.ts`), 'utf8');
  const texts = new Map<string, string>();
  const required = new Set<string>();
  for (const match of declarations.matchAll(/(?: {4}\/\*\*\n((?: {4}\*.*\n)*?) {4}\*\/\n)? {4}'([^']+)'(\??): /g)) {
    const [, text, field = '', optional] = match;
    if (text) texts.set(field, unescape(text.replace(/^ {4}\* ?/gm, '').trim()));
    if (!optional) required.add(field);
  }
  const head = /\/\*\*\n((?:\* .*\n|\*\n)*)\*\/\nexport declare class/.exec(declarations)?.[1];
  return {
    name,
    attributes: JSON.parse(typeMap) as Attribute[],
    texts,
    required,
    description: head ? unescape(head.replace(/^\* ?/gm, '').trim()) : undefined,
  };
}

/** The models that a type names ("{ [key: string]: Array<V1Foo>; }" names V1Foo). */
export function referencesOf(type: string, models: ReadonlyMap<string, Model>): string[] {
  return [...type.matchAll(/[A-Z]\w*/g)].map((match) => match[0]).filter((name) => models.has(name));
}

/** The name of a type without client-node's group and version prefix: "V1beta1Foo" and "CoreV1Foo" are "Foo". */
export function kindOf(model: string): string {
  return model.replace(/^(?:[A-Z][a-z]+)?(?:V\d+(?:alpha\d+|beta\d+)?)(?=[A-Z])/, '');
}

/** The version in a model's name ("v1beta1"), if it has one. */
export function versionOf(model: string): string | undefined {
  const version = /V(\d+(?:alpha\d+|beta\d+)?)(?=[A-Z])/.exec(model)?.[1];
  return version && `v${version}`;
}
