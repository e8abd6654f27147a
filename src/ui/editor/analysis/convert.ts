/**
 * Rewrites a document of a removed API version as the present version wants it, comments included: the renamed fields
 * and the fields that became required (kubernetes.io/docs/reference/using-api/deprecation-guide).
 */
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, YAMLMap } from 'yaml';
import { removedVersion } from './versions.ts';

type Converter = (document: Document) => void;

/** Since apps/v1 the selector is required; the old default was the template's labels. */
const addSelector: Converter = (document) => {
  if (!document.hasIn(['spec', 'selector'])) {
    const labels = document.getIn(['spec', 'template', 'metadata', 'labels']);
    if (isMap(labels)) {
      const spec = document.get('spec') as YAMLMap;
      const selector = document.createPair('selector', { matchLabels: labels.toJSON() as unknown });
      const at = spec.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === 'template');
      spec.items.splice(Math.max(at, 0), 0, selector);
    }
  }
  document.deleteIn(['spec', 'rollbackTo']);
};

function convertBackend(document: Document, backend: unknown): void {
  if (!isMap(backend) || !backend.has('serviceName')) return;
  const port = backend.get('servicePort');
  const service = { name: backend.get('serviceName'), port: typeof port === 'number' ? { number: port } : { name: port } };
  backend.delete('serviceName');
  backend.delete('servicePort');
  backend.add(document.createPair('service', service));
}

const convertIngress: Converter = (document) => {
  const spec = document.get('spec');
  if (!isMap(spec)) return;
  for (const pair of spec.items) if (isScalar(pair.key) && pair.key.value === 'backend') pair.key.value = 'defaultBackend';
  convertBackend(document, spec.get('defaultBackend'));
  const rules = spec.get('rules');
  for (const rule of isSeq(rules) ? rules.items : []) {
    const paths = isMap(rule) ? rule.getIn(['http', 'paths']) : undefined;
    for (const path of isSeq(paths) ? paths.items : []) {
      if (!isMap(path)) continue;
      convertBackend(document, path.get('backend'));
      if (!path.has('path')) path.add(document.createPair('path', '/'));
      if (!path.has('pathType')) path.add(document.createPair('pathType', 'ImplementationSpecific'));
    }
  }
};

/** targetAverageUtilization became target: {type: Utilization, averageUtilization}. */
const convertAutoscaler: Converter = (document) => {
  const metrics = document.getIn(['spec', 'metrics']);
  for (const metric of isSeq(metrics) ? metrics.items : []) {
    const resource = isMap(metric) ? metric.get('resource') : undefined;
    if (!isMap(resource)) continue;
    const [utilization, average] = [resource.get('targetAverageUtilization'), resource.get('targetAverageValue')];
    if (utilization !== undefined) resource.add(document.createPair('target', { type: 'Utilization', averageUtilization: utilization }));
    else if (average !== undefined) resource.add(document.createPair('target', { type: 'AverageValue', averageValue: average }));
    resource.delete('targetAverageUtilization');
    resource.delete('targetAverageValue');
  }
};

const CONVERTERS: Record<string, Converter> = {
  Deployment: addSelector,
  DaemonSet: addSelector,
  ReplicaSet: addSelector,
  StatefulSet: addSelector,
  Ingress: convertIngress,
  HorizontalPodAutoscaler: convertAutoscaler,
};
/** Their shape changed too much for a mechanical rewrite. */
const BY_HAND = new Set(['CustomResourceDefinition', 'Event']);

/** The document in the present version, or undefined when there is none or it takes a person. */
export function convertDocument(text: string): string | undefined {
  const document = parseDocument(text, { prettyErrors: false });
  const [apiVersion, kind] = [document.get('apiVersion'), document.get('kind')];
  if (document.errors.length > 0 || typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const now = removedVersion(apiVersion, kind)?.now;
  if (now === undefined || BY_HAND.has(kind)) return undefined;
  document.set('apiVersion', now);
  CONVERTERS[kind]?.(document);
  return document.toString({ lineWidth: 0, indentSeq: /\n(\s+)\S[^\n]*:\n\1\s+- /.test(text) });
}
