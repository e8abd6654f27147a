/**
 * Reads the API classes of @kubernetes/client-node: which paths exist, with which verbs and kinds.
 * The result describes every resource as discovery (`/apis/<group>/<version>`) needs it.
 */
import fs from 'node:fs';
import path from 'node:path';

/** One resource or subresource ("deployments", "deployments/scale"). */
export interface Resource {
  group: string;
  version: string;
  name: string;
  namespaced: boolean;
  verbs: Set<string>;
  /** Model names of the object and of its list. */
  kind: string | undefined;
  listKind: string | undefined;
}

interface Call {
  path: string;
  method: string;
  /** Model name of the answer. */
  answer: string | undefined;
}

const RESOURCE_PATH = /^\/(?:api|apis\/([^/]+))\/([^/]+)(\/namespaces\/\{namespace\})?(?:\/([^/{]+)(?:\/\{name\}(?:\/(.+))?)?)?$/;

/** All resources by "group/version/name". */
export function readResources(genFolder: string): Map<string, Resource> {
  const folder = path.join(genFolder, 'apis');
  const resources = new Map<string, Resource>();
  for (const file of fs.readdirSync(folder).sort()) {
    if (!/V\d\w*Api\.js$/.test(file)) continue;
    for (const call of readCalls(fs.readFileSync(path.join(folder, file), 'utf8'))) addCall(resources, call);
  }
  return resources;
}

/** Each operation appears twice: the request factory has path and method, the response processor the answer's model. */
function readCalls(source: string): Call[] {
  const answers = new Map<string, string>();
  const calls: (Call & { operation: string })[] = [];
  for (const body of source.split('\n    async ').slice(1)) {
    const operation = /^(\w+)\(/.exec(body)?.[1] ?? '';
    if (operation.endsWith('WithHttpInfo')) {
      const answer = /deserialize\(.*?, "([^"]+)", "/.exec(body)?.[1];
      if (answer) answers.set(operation.slice(0, -'WithHttpInfo'.length), answer);
      continue;
    }
    const callPath = /localVarPath = '([^']+)'/.exec(body)?.[1];
    const method = /HttpMethod\.(\w+)\)/.exec(body)?.[1];
    if (callPath && method) calls.push({ operation, path: callPath, method, answer: undefined });
  }
  return calls.map((call) => ({ ...call, answer: answers.get(call.operation) }));
}

function addCall(resources: Map<string, Resource>, call: Call): void {
  const [, group = '', version = '', inNamespace, plural, subresource] = RESOURCE_PATH.exec(call.path) ?? [];
  if (!plural || plural === 'watch' || subresource?.includes('{path}')) return;
  const name = subresource ? `${plural}/${subresource}` : plural;
  const key = `${group}/${version}/${name}`;
  const resource = resources.get(key) ?? {
    group,
    version,
    name,
    namespaced: false,
    verbs: new Set<string>(),
    kind: undefined,
    listKind: undefined,
  };
  resources.set(key, resource);
  if (inNamespace) resource.namespaced = true;
  const onCollection = !call.path.includes('{name}');
  for (const verb of verbsOf(call.method, onCollection)) resource.verbs.add(verb);
  if (call.method === 'GET' && onCollection) resource.listKind ??= call.answer;
  else if (call.method !== 'DELETE') resource.kind ??= call.answer;
}

function verbsOf(method: string, onCollection: boolean): string[] {
  switch (method) {
    case 'GET':
      return onCollection ? ['list', 'watch'] : ['get'];
    case 'POST':
      return ['create'];
    case 'PUT':
      return ['update'];
    case 'PATCH':
      return ['patch'];
    case 'DELETE':
      return [onCollection ? 'deletecollection' : 'delete'];
    default:
      return [];
  }
}
