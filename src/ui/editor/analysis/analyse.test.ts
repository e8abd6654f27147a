import { describe, expect, it } from 'vitest';
import { analyse, parseSource, placeOf } from './analyse.ts';
import { applyEdits } from './edits.ts';
import { EXAMPLES } from '../examples.ts';
import type { ClusterContext, Finding } from '../../model/findings.ts';

const context: ClusterContext = { namespace: 'default', pods: [] };
const findingsOf = (text: string, more: Partial<ClusterContext> = {}): Finding[] =>
  analyse(parseSource(text), { ...context, ...more }).findings;
const brief = ({ grade, code, range }: Finding) => `${String(range.line)} ${grade} ${code}`;

const deployment = (containers: string, extra = '', spec = '') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
${spec}  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: nginx
${containers}${extra}`;

describe('a good manifest', () => {
  it('has no findings', () => {
    expect(
      findingsOf(
        deployment('        ports:\n        - containerPort: 80\n        resources:\n          requests: {cpu: 100m, memory: 64Mi}\n'),
      ),
    ).toEqual([]);
  });

  it('of a kubarium kind has none either', () => {
    const text = 'apiVersion: kubarium.dev/v1alpha1\nkind: Fault\nmetadata:\n  name: down\nspec:\n  kind: ProcessExit\n  pod: {name: a}\n';
    expect(findingsOf(text)).toEqual([]);
    expect(findingsOf(text.replace('{name: a}', '{nam: a}')).map(brief)).toEqual(['7 blocks misspeltField']);
  });
});

it.each(EXAMPLES.map(({ name, text }) => [name, text]))('the example %s has no findings', (_, text) => {
  expect(findingsOf(text, { names: [] })).toEqual([]);
});

describe('fields', () => {
  it.each<[string, string, string[], Record<string, string>, string | undefined]>([
    [
      'one level too high',
      deployment('', '      ports:\n      - containerPort: 80\n'),
      ['15 blocks fieldBelongsBelow'],
      { field: 'ports', place: 'spec.template.spec.containers[0]' },
      deployment('        ports:\n        - containerPort: 80\n'),
    ],
    [
      'one level too low',
      deployment('', '      replicas: 2\n'),
      ['15 blocks fieldBelongsAbove'],
      { field: 'replicas', place: 'spec' },
      deployment('').concat('  replicas: 2\n'),
    ],
    [
      'misspelt',
      deployment('        imagePullPolcy: Always\n'),
      ['15 blocks misspeltField'],
      { meant: 'imagePullPolicy' },
      deployment('        imagePullPolicy: Always\n'),
    ],
    [
      'in wrong case',
      deployment('', '', '  Replicas: 2\n'),
      ['6 blocks misspeltField'],
      { meant: 'replicas' },
      deployment('', '', '  replicas: 2\n'),
    ],
    ['unknown', deployment('        zzzzz: 1\n'), ['15 blocks unknownField'], { field: 'zzzzz' }, undefined],
    [
      'a number for a text',
      deployment('        env:\n        - name: A\n          value: 08\n'),
      ['17 blocks wrongType'],
      { expected: 'string', got: 'number' },
      deployment('        env:\n        - name: A\n          value: "08"\n'),
    ],
    [
      'a text for a number',
      deployment('', '', '  replicas: "3"\n'),
      ['6 blocks wrongType'],
      { expected: 'integer', got: 'string' },
      deployment('', '', '  replicas: 3\n'),
    ],
    [
      'a text for a list',
      deployment('        command: sh\n'),
      ['15 blocks wrongType'],
      { expected: 'list' },
      deployment('        command: [sh]\n'),
    ],
    [
      'a map for a list',
      deployment('        ports:\n          containerPort: 80\n'),
      ['16 blocks wrongType'],
      { expected: 'list', got: 'map' },
      undefined,
    ],
    [
      'no quantity',
      deployment('        resources:\n          limits: {cpu: 1 core}\n'),
      ['16 blocks badQuantity'],
      { value: '1 core' },
      undefined,
    ],
    [
      'an unknown value',
      deployment('        imagePullPolicy: always\n'),
      ['15 blocks badEnum'],
      { value: 'always' },
      deployment('        imagePullPolicy: Always\n'),
    ],
    [
      'a list item without its key',
      deployment('        env:\n        - value: a\n'),
      ['16 blocks missingField'],
      { field: 'name', of: 'env' },
      undefined,
    ],
  ])('%s', (_, text, expected, params, repaired) => {
    const findings = findingsOf(text);
    expect(findings.map(brief)).toEqual(expected);
    expect(findings[0]?.params).toMatchObject(params);
    expect(findings[0]?.fix && applyEdits(text, findings[0].fix.edits)).toBe(repaired);
  });

  it('encodes a secret that is plain text', () => {
    const text = 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  key: "p@ss"\n';
    const [finding] = findingsOf(text);
    expect(finding?.code).toBe('badBase64');
    expect(applyEdits(text, finding?.fix?.edits ?? [])).toContain('key: cEBzcw==');
  });

  it('leaves status and null alone, and takes aliases and merges as what they stand for', () => {
    const text = deployment(
      '        env: &env\n        - {name: A, value: b}\n      initContainers:\n      - name: i\n        image: i\n        env: *env\n        args:\n',
      'status: {foo: 1}\n',
    );
    expect(findingsOf(text)).toEqual([]);
  });
});

describe('kinds and versions', () => {
  it('suggests the version that serves the kind', () => {
    const text = deployment('').replace('apps/v1', 'v1');
    const [finding] = findingsOf(text);
    expect([finding?.code, finding?.params.meant, finding?.range.line]).toEqual(['unknownKind', 'apps/v1', 1]);
  });

  it('suggests the kind that was meant', () => {
    expect(findingsOf(deployment('').replace('kind: Deployment', 'kind: Deploymnet'))[0]?.params.meant).toBe('Deployment');
  });

  it('knows kinds that the cluster has by definition', () => {
    expect(findingsOf('apiVersion: a.b/v1\nkind: W\nmetadata: {name: a}\n', { customKinds: ['a.b/v1/W'] })).toEqual([]);
  });

  it('converts a removed version and adds the selector, keeping comments and the other documents', () => {
    const old = `# first\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n---\n${deployment('').replace('apps/v1', 'extensions/v1beta1').replace('  selector:\n    matchLabels: {app: web}\n', '  replicas: 2 # two\n')}`;
    const [finding] = findingsOf(old);
    expect([finding?.code, finding?.params.release, finding?.params.now]).toEqual(['removedVersion', '1.16', 'apps/v1']);
    const converted = applyEdits(old, finding?.fix?.edits ?? []);
    expect(converted).toContain('replicas: 2 # two\n  selector:\n    matchLabels:\n      app: web\n');
    expect(converted.startsWith('# first\nkind: ConfigMap')).toBe(true);
    expect(findingsOf(converted)).toEqual([]);
  });

  it('converts an old Ingress', () => {
    const old =
      'apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: a}\nspec:\n  rules:\n  - http:\n      paths:\n      - backend: {serviceName: web, servicePort: 80}\n';
    const converted = applyEdits(old, findingsOf(old)[0]?.fix?.edits ?? []);
    expect(findingsOf(converted).filter(({ code }) => code !== 'notSimulated')).toEqual([]);
    expect(converted).toMatch(/service: \{ name: web, port: \{ number: 80 \} \}/);
  });
});

describe('objects that do nothing', () => {
  const service = (selector: string, port = '80') =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: ${selector}}\n  ports:\n  - port: 80\n    targetPort: ${port}\n`;

  it('a selector that matches no pod', () => {
    expect(findingsOf(service('web')).map(brief)).toEqual(['5 useless selectsNothing']);
  });

  it('a selector that nearly matches, with its repair', () => {
    const text = `${service('wep')}---\n${deployment('')}`;
    const [finding] = findingsOf(text);
    expect([finding?.code, finding?.params.near]).toEqual(['selectsNothingNear', 'app=web']);
    expect(applyEdits(text, finding?.fix?.edits ?? [])).toContain('selector: {app: web}');
  });

  it('not when live pods match', () => {
    expect(findingsOf(service('web'), { pods: [{ namespace: 'default', labels: { app: 'web', x: 'y' }, portNames: [] }] })).toEqual([]);
    expect(findingsOf(service('web'), { pods: [{ namespace: 'other', labels: { app: 'web' }, portNames: [] }] })).toHaveLength(1);
  });

  it('a port name that no container has', () => {
    expect(findingsOf(`${service('web', 'http')}---\n${deployment('')}`).map(brief)).toEqual(['8 useless portNameUnknown']);
  });

  it('a reference to nothing, unless it is optional or in the text', () => {
    const text = (more: string) => deployment(`        envFrom:\n        - configMapRef: {name: settings${more}}\n`);
    expect(findingsOf(text(''), { names: [] }).map(brief)).toEqual(['16 useless missingReference']);
    expect(findingsOf(text(', optional: true'), { names: [] })).toEqual([]);
    expect(findingsOf(text(''), { names: ['ConfigMap/default/settings'] })).toEqual([]);
    expect(findingsOf(text(''))).toEqual([]);
  });

  it('a template that its own selector does not match is refused', () => {
    expect(findingsOf(deployment('').replace('labels: {app: web}', 'labels: {app: wep}')).map(brief)).toEqual([
      '6 blocks selectorMismatch',
    ]);
  });

  it('an old node label', () => {
    expect(findingsOf(deployment('', '      nodeSelector:\n        beta.kubernetes.io/os: linux\n')).map(brief)).toEqual([
      '16 outdated deprecated',
    ]);
  });
});

describe('broken texts', () => {
  it('mark the fault and still look at the other documents', () => {
    const analysis = analyse(parseSource(`kind: [\n---\n${deployment('        zzzzz: 1\n')}`), context);
    expect(analysis.broken).toBe(true);
    expect(analysis.findings.map(({ code }) => code)).toEqual(['syntax', 'unknownField']);
    expect(analysis.objects).toMatchObject([{ kind: 'Deployment', name: 'web', line: 3, endLine: 17 }]);
  });

  it('never throw, whatever half of a manifest is written', () => {
    const text = deployment('        env: [{name: a}]\n', '      ports: [\n');
    for (let end = 0; end <= text.length; end += 3) expect(() => findingsOf(text.slice(0, end), { names: [] })).not.toThrow();
  });
});

describe('placeOf', () => {
  const text = `${deployment('        ports:\n        - containerPort: 80\n')}---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n    labels:\n      a.b/c: d\n`;
  it.each([
    [0, '', 'spec.template.spec.containers[0].image', 14],
    [0, '', 'spec.template.spec.containers[0].ports[0].containerPort', 16],
    [0, '', 'spec.template.spec.containers[0].livenessProbe.httpGet', 13],
    [0, '', 'spec.template.spec.containers.image', 14],
    [0, '', 'spec.nothing', 5],
    [0, '', '', 1],
    [1, 'items[0]', 'metadata.labels[a.b/c]', 26],
    [1, 'items[0]', 'metadata.name', 24],
  ])('of document %i %s %s', (document, base, field, line) => {
    expect(placeOf(parseSource(text), document, base, field)?.line).toBe(line);
  });
});
