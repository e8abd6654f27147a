/**
 * The rules of the image kubarium/admission-webhook: a small language in which a webhook says what it wants and changes.
 *
 *     require-label KEY            refuses objects without the label
 *     deny-image REGEXP            refuses pods with an image that fits
 *     require-requests             refuses containers that request no CPU or memory
 *     deny TEXT                    refuses everything
 *     warn TEXT                    warns about everything
 *     add-label KEY=VALUE          add-annotation KEY=VALUE
 *     inject-sidecar NAME=IMAGE    adds a container to pods
 *     set-registry HOST            puts a registry before images that name none
 *     rename VERSION A=B           conversion: field A of other versions is B in this one ("spec.size=spec.replicas")
 *     allow-user NAME              deny-user NAME: for SubjectAccessReviews
 *     delay SECONDS                answers so late
 *     status CODE                  answers with this HTTP status instead
 */

/** One rule. */
export interface Rule {
  readonly verb: string;
  readonly rest: string;
}

/** JSON that is looked into. */
export type Fields = Record<string, unknown>;

const VERBS = new Set(
  'require-label deny-image require-requests deny warn add-label add-annotation inject-sidecar set-registry rename allow-user deny-user delay status'.split(
    ' ',
  ),
);

/** Reads rules, one a line; "#" begins a comment. Returns what is wrong with a line in its place. */
export function parseRules(text: string): { rules: Rule[]; problems: string[] } {
  const rules: Rule[] = [];
  const problems: string[] = [];
  for (const line of text.split(/[\n;]/).map((part) => part.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [verb = '', ...words] = line.split(/\s+/);
    if (VERBS.has(verb)) rules.push({ verb, rest: words.join(' ') });
    else problems.push(`unknown rule: ${line}`);
  }
  return { rules, problems };
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
/** A field that is an object, or an empty one. */
export const fieldsOf = (holder: unknown, name: string): Fields => (isFields(holder) && isFields(holder[name]) ? holder[name] : {});
const listOf = (holder: unknown, name: string): unknown[] =>
  isFields(holder) && Array.isArray(holder[name]) ? (holder[name] as unknown[]) : [];

/** The pod's spec in a pod, or in the template of a workload. */
function podSpecOf(object: Fields): { spec: Fields; path: string } {
  const spec = fieldsOf(object, 'spec');
  if ('containers' in spec) return { spec, path: '/spec' };
  return { spec: fieldsOf(fieldsOf(spec, 'template'), 'spec'), path: '/spec/template/spec' };
}

/** What the rules have against an object; undefined when nothing. */
export function refusal(rules: readonly Rule[], object: Fields): string | undefined {
  const labels = fieldsOf(fieldsOf(object, 'metadata'), 'labels');
  const containers = listOf(podSpecOf(object).spec, 'containers') as Fields[];
  for (const { verb, rest } of rules) {
    if (verb === 'deny') return rest || 'refused';
    if (verb === 'require-label' && labels[rest] === undefined) return `label ${JSON.stringify(rest)} is required`;
    if (verb === 'deny-image') {
      const found = containers.find(({ image }) => fits(rest, String(image)));
      if (found !== undefined) return `image ${JSON.stringify(found['image'])} is not allowed`;
    }
    if (verb === 'require-requests') {
      const found = containers.find((container) => {
        const requests = fieldsOf(fieldsOf(container, 'resources'), 'requests');
        return requests['cpu'] === undefined || requests['memory'] === undefined;
      });
      if (found !== undefined) return `container ${JSON.stringify(found['name'])} must request cpu and memory`;
    }
  }
  return undefined;
}

function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return text.includes(pattern);
  }
}

/** One step of a JSON patch. */
export interface PatchStep {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** How the rules change an object. */
export function patchFor(rules: readonly Rule[], object: Fields): PatchStep[] {
  const steps: PatchStep[] = [];
  const made = new Set<string>();
  const addEntry = (map: 'labels' | 'annotations', text: string) => {
    const [key = '', value = ''] = text.split('=', 2);
    const known = fieldsOf(object, 'metadata')[map];
    if (isFields(known) && known[key] === value) return;
    if (!isFields(known) && !made.has(map)) steps.push({ op: 'add', path: `/metadata/${map}`, value: {} });
    made.add(map);
    steps.push({ op: 'add', path: `/metadata/${map}/${escaped(key)}`, value });
  };
  const { spec, path } = podSpecOf(object);
  const containers = listOf(spec, 'containers') as Fields[];
  for (const { verb, rest } of rules) {
    if (verb === 'add-label') addEntry('labels', rest);
    else if (verb === 'add-annotation') addEntry('annotations', rest);
    else if (verb === 'inject-sidecar' && containers.length > 0) {
      const [name = '', image = ''] = rest.split('=', 2);
      if (!containers.some((container) => container['name'] === name))
        steps.push({ op: 'add', path: `${path}/containers/-`, value: { name, image } });
    } else if (verb === 'set-registry') {
      containers.forEach(({ image }, index) => {
        const [first = '', ...more] = String(image).split('/');
        if (more.length > 0 && /[.:]|^localhost$/.test(first)) return;
        steps.push({ op: 'replace', path: `${path}/containers/${index}/image`, value: `${rest}/${String(image)}` });
      });
    }
  }
  return steps;
}

/** An object in another version: its name changes, and fields move as the rules say. */
export function converted(rules: readonly Rule[], object: Fields, apiVersion: string): Fields {
  const versionOf = (text: unknown) => String(text).split('/').pop() ?? '';
  const [from, to] = [versionOf(object['apiVersion']), versionOf(apiVersion)];
  let next: Fields = { ...object, apiVersion };
  for (const { verb, rest } of rules) {
    if (verb !== 'rename') continue;
    const [version = '', pair = ''] = rest.split(' ', 2);
    const [other = '', own = ''] = pair.split('=', 2);
    if (version === to) next = moved(next, other.split('.'), own.split('.'));
    else if (version === from) next = moved(next, own.split('.'), other.split('.'));
  }
  return next;
}

function moved(object: Fields, from: readonly string[], to: readonly string[]): Fields {
  let value: unknown = object;
  for (const name of from) value = isFields(value) ? value[name] : undefined;
  return value === undefined ? object : withField(withoutField(object, from), to, value);
}

function withoutField(object: Fields, [name = '', ...rest]: readonly string[]): Fields {
  const { [name]: field, ...others } = object;
  return rest.length === 0 || !isFields(field) ? others : { ...others, [name]: withoutField(field, rest) };
}

function withField(object: Fields, [name = '', ...rest]: readonly string[], value: unknown): Fields {
  return { ...object, [name]: rest.length === 0 ? value : withField(fieldsOf(object, name), rest, value) };
}
