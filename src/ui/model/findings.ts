/**
 * What the editor knows about a text: its objects, and what is wrong with them in three grades. Plain JSON, because
 * the analysis runs in a worker. Findings carry a code and parameters, never a sentence: the panel words them.
 */

/** Lines and columns count from 1; the end is exclusive. */
export interface TextRange {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** Replaces a range of the text. */
export interface TextEdit extends TextRange {
  text: string;
}

/** Blocks: the apiserver would refuse it. Useless: it is accepted and does nothing. Outdated: it works, but is old or not simulated. */
export type Grade = 'blocks' | 'useless' | 'outdated';

/** What was found. Each code has a message of the same name in i18n (`editor.finding.<code>`). */
export type FindingCode =
  | 'syntax'
  | 'unknownKind'
  | 'removedVersion'
  | 'unknownField'
  | 'misspeltField'
  | 'fieldBelongsBelow'
  | 'fieldBelongsAbove'
  | 'missingField'
  | 'newerField'
  | 'wrongType'
  | 'badQuantity'
  | 'badBase64'
  | 'badEnum'
  | 'selectorMismatch'
  | 'selectsNothing'
  | 'selectsNothingNear'
  | 'portNameUnknown'
  | 'missingReference'
  | 'policyNotEnforced'
  | 'notSimulated'
  | 'deprecated'
  | 'server'
  | 'serverWarning';

/** A repair. Its title is `editor.fix.<code>`. */
export interface Fix {
  code: 'rename' | 'move' | 'quote' | 'unquote' | 'wrap' | 'convert' | 'encode' | 'value';
  params: Record<string, string>;
  edits: TextEdit[];
}

/** One finding. */
export interface Finding {
  grade: Grade;
  code: FindingCode;
  params: Record<string, string>;
  range: TextRange;
  /** Number of the YAML document, from 0. */
  document: number;
  /** Path of the field within the object, "" for the object itself. */
  path: string;
  fix?: Fix;
}

/** An object of the text, for the outline. */
export interface ObjectInfo {
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string;
  /** Number of the YAML document, and the object's place in it ("" or "items[2]"). */
  document: number;
  path: string;
  line: number;
  endLine: number;
}

/** The result. */
export interface Analysis {
  findings: Finding[];
  objects: ObjectInfo[];
  /** True when a document cannot be read, so that nothing of the text would be applied. */
  broken: boolean;
}

/** A set of labels that pods carry, or would carry. */
export interface LabelledPods {
  namespace: string;
  labels: Record<string, string>;
  portNames: string[];
}

/** What of the cluster the findings depend on. */
export interface ClusterContext {
  /** The namespace of objects that name none. */
  namespace: string;
  /** Distinct label sets of live pods and workloads' templates. */
  pods: LabelledPods[];
  /** "ConfigMap/default/settings": existing objects that others may refer to. Absent: not known, references are not checked. */
  names?: string[];
  /** "example.com/v1/Widget": kinds that CustomResourceDefinitions add. */
  customKinds?: string[];
  /** False when the cluster's network plugin does not enforce NetworkPolicies. */
  enforcesPolicies?: boolean;
}
