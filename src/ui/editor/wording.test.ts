import { describe, expect, it } from 'vitest';
import { editorText } from '../i18n/areas/editor.ts';
import { LANGUAGES } from '../i18n/languages.ts';
import { speaker } from '../i18n/text.ts';
import { analyse, parseSource } from './analysis/analyse.ts';
import { word } from './wording.ts';

/** One text with as many kinds of findings as fit into it. */
const TEXT = `apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: a}
---
apiVersion: extensions/v1beta1
kind: PodSecurityPolicy
metadata: {name: a}
---
apiVersion: v1
kind: Deployment
metadata: {name: a}
---
apiVersion: apps/v1
kind: Deploymnt
metadata: {name: a}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: a}
---
apiVersion: v1
kind: Secret
metadata: {name: a}
data: {a: "p@ss"}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  selector: {app: wep}
---
apiVersion: v1
kind: Service
metadata: {name: b}
spec:
  selector: {other: b}
---
apiVersion: v1
kind: Service
metadata: {name: c}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: a}
spec: {controller: example.com/a, parameters: {kind: Parameters, name: a}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a}
spec:
  podSelector: {}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
replicas: 1
zzzzzzz: 1
spec:
  replicas: "1"
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: web}}
    spec:
      restartPolcy: Always
      serviceAccount: x
      ports: []
      progressDeadlineSeconds: 1
      containers:
      - name: a
        imagePullPolicy: always
        command: sh
        env:
        - value: 1
        envFrom: [{configMapRef: {name: gone}}]
        resources: {limits: {cpu: 1 core}}
---
kind: [
`;

const { findings } = analyse(parseSource(TEXT), { namespace: 'default', pods: [], names: [], enforcesPolicies: false });

describe.each(LANGUAGES)('in %s', (language) => {
  const say = speaker(editorText, language);
  it.each(findings.map((finding) => [finding.code, finding] as const))('%s is said in full', (_, finding) => {
    const { message, fixTitle } = word(finding, say);
    expect(message).not.toBe('');
    expect(message).not.toMatch(/\{\w+\}(?!\s*\})/);
    if (finding.fix) expect(fixTitle).toMatch(/^(?!.*\{(text|place)\}).+$/s);
  });
});

it('covers the findings that an analysis can make', () => {
  const found = [...new Set(findings.map(({ code }) => code))].sort();
  expect(found).toEqual([
    'badBase64',
    'badEnum',
    'badQuantity',
    'deprecated',
    'fieldBelongsAbove',
    'fieldBelongsBelow',
    'missingField',
    'missingReference',
    'misspeltField',
    'notSimulated',
    'policyNotEnforced',
    'portNameUnknown',
    'removedVersion',
    'selectorMismatch',
    'selectsNothing',
    'selectsNothingNear',
    'syntax',
    'unknownField',
    'unknownKind',
    'wrongType',
  ]);
});
