/**
 * JSONPath as printer columns of custom resources use it (`k8s.io/client-go/util/jsonpath`): fields, quoted fields, indexes, `[*]`, and
 * filters that compare one field with a text: `.status.conditions[?(@.type=="Ready")].status`.
 * Left out: ranges, unions, `..`, and comparisons other than == and !=.
 */

type Step = (value: unknown) => unknown[];

const TOKEN =
  /\.([A-Za-z_][\w-]*)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d+|\*)\]|\[\?\(@\.([\w.-]+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\)\]/y;

const field =
  (name: string): Step =>
  (value) => {
    const owner = value as Record<string, unknown> | null | undefined;
    return typeof owner === 'object' && owner !== null && Object.hasOwn(owner, name) ? [owner[name]] : [];
  };

function filter(path: string, operator: string, wanted: string): Step {
  const read = path.split('.').map(field);
  return (value) => {
    if (!Array.isArray(value)) return [];
    return value.filter((item) => {
      const [found] = read.reduce<unknown[]>((values, step) => values.flatMap(step), [item]);
      return (String(found) === wanted) === (operator === '==');
    });
  };
}

function element(index: string): Step {
  return (value) => {
    if (!Array.isArray(value)) return [];
    return index === '*' ? (value as unknown[]) : value.slice(Number(index), Number(index) + 1);
  };
}

/** A function that reads the path's values out of an object; undefined when the path cannot be parsed. */
export function compileJsonPath(path: string): ((object: unknown) => unknown[]) | undefined {
  const steps: Step[] = [];
  let at = path.startsWith('$') ? 1 : 0;
  while (at < path.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(path);
    if (match === null) return undefined;
    const [token, plain, single, double, index, compared, operator, ...texts] = match;
    at += token.length;
    const name = plain ?? single ?? double;
    if (name !== undefined) steps.push(field(name));
    else if (index !== undefined) steps.push(element(index));
    else steps.push(filter(compared ?? '', operator ?? '', texts.find((text) => text !== undefined) ?? ''));
  }
  return (object) => steps.reduce<unknown[]>((values, step) => values.flatMap(step), [object]);
}
