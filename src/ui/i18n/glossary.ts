/**
 * Chinese for terms of Kubernetes, fixed so that all panels and lessons say the same. Names of kinds, fields, commands and reasons stay
 * English; a term that is first used is paired, as in "就绪探针 (readiness probe)".
 */

/** A term. */
export interface Term {
  en: string;
  zh: string;
  /** Words that must not be used for it. */
  never: readonly string[];
}

export const GLOSSARY: readonly Term[] = [
  { en: 'Pod', zh: 'Pod', never: ['容器组', '豆荚'] },
  { en: 'Service', zh: 'Service', never: [] },
  { en: 'cluster', zh: '集群', never: ['群集'] },
  { en: 'node', zh: '节点', never: ['结点'] },
  { en: 'namespace', zh: '命名空间', never: ['名字空间', '名称空间'] },
  { en: 'taint', zh: '污点', never: [] },
  { en: 'toleration', zh: '容忍', never: ['容忍性'] },
  { en: 'affinity', zh: '亲和', never: [] },
  { en: 'eviction', zh: '驱逐', never: ['逐出'] },
  { en: 'preemption', zh: '抢占', never: [] },
  { en: 'scheduling', zh: '调度', never: ['排程'] },
  { en: 'endpoint', zh: '端点', never: [] },
  { en: 'persistent volume', zh: '持久卷', never: ['持续卷'] },
  { en: 'container', zh: '容器', never: [] },
  { en: 'control plane', zh: '控制平面', never: ['控制面板'] },
  { en: 'scheduler', zh: '调度器', never: [] },
  { en: 'readiness probe', zh: '就绪探针', never: [] },
  { en: 'liveness probe', zh: '存活探针', never: [] },
  { en: 'revision', zh: '修订版本', never: [] },
];
