/**
 * What the picture shows, before any drawing: boxes with headers, things in them with a place, and edges. Built by
 * pure functions from the objects (scene-by-node.ts, scene-by-owner.ts), drawn by graph.ts and headers.tsx, walked by keys.ts.
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../api/generated/types.ts';
import type { Detail, Tile } from './aggregate.ts';
import type { OwnerIndex } from '../model/ownership.ts';
import type { PodState } from '../model/pod-state.ts';
import type { Slot } from './slots.ts';

/** How the picture is arranged. */
export type Arrangement = 'node' | 'owner';

/** What is done with pods of the system's namespaces while another namespace is looked at. */
export type SystemPods = 'small' | 'hidden';

/** What a scene is made from. Lists hold what the API holds; the scene chooses. */
export interface SceneInput {
  nodes: readonly Node[];
  pods: readonly Pod[];
  /** Deployments, ReplicaSets ... of all namespaces. */
  workloads: readonly KubernetesObject[];
  index: OwnerIndex;
  services: readonly Service[];
  slices: readonly EndpointSlice[];
  /** Ingresses, NetworkPolicies and PersistentVolumeClaims. */
  related: readonly KubernetesObject[];
  /** Absent: all. */
  namespace: string | undefined;
  system: SystemPods;
  arrangement: Arrangement;
  /** Only this node, drawn larger. */
  focus: string | undefined;
  /** Width to fill, px at zoom 1. */
  width: number;
  /** Key of the selected object. */
  selected: string | undefined;
  /** Texts that are part of the picture. */
  words: SceneWords;
}

/** Texts in the picture, in the reader's language. */
export interface SceneWords {
  endpoints(count: number): string;
  more(count: number): string;
}

/** Rectangle; x and y are the upper left corner. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A box with a header: a node, the tray of pods without a node, or an owner's pods. */
export interface SceneBox extends Rect {
  /** Key of the object it stands for; 'tray' and 'loose' stand for none. */
  id: string;
  kind: 'node' | 'tray' | 'owner' | 'loose';
  /** Name in the header. */
  name: string;
  node?: Node;
  owner?: KubernetesObject;
  control: boolean;
  /** Sums for the header. */
  pods: number;
  /** Upper edge of the strip of system pods, relative to the box; absent without one. */
  stripY?: number;
}

/** A thing in the picture with a place of its own; x and y are its centre. */
export interface SceneItem {
  /** Key of the object, or of the tile. */
  id: string;
  kind: 'pod' | 'small' | 'tile' | 'more' | CardKind;
  x: number;
  y: number;
  width: number;
  height: number;
  /** The box it lies in; absent for what lies below the boxes. */
  box?: string;
  label: string;
  state?: PodState;
  restarts?: number;
  /** Not all containers are ready: "1/2" under the hexagon. */
  ready?: string;
  object?: KubernetesObject;
  tile?: Tile;
  /** Keys of what owns it, from the nearest to the top: it comes out of the first that is drawn. */
  owners?: readonly string[];
}

/** What is drawn as a card with two lines of text; each has a shape of its own. */
export type CardKind = 'service' | 'workload' | 'ingress' | 'policy' | 'claim';

/** A line between two things. */
export interface SceneEdge {
  id: string;
  source: string;
  target: string;
  kind: 'owns' | 'serves' | Relation;
}

/** What an Ingress does to Services, a NetworkPolicy to pods, and pods to a claim. */
export type Relation = 'routes' | 'covers' | 'mounts';

/** The whole picture. */
export interface Scene extends Rect {
  boxes: SceneBox[];
  items: SceneItem[];
  edges: SceneEdge[];
  detail: Detail;
}

/** What a scene hands to the next, so that places stay. */
export interface SceneMemory {
  slots: ReadonlyMap<string, Slot>;
  /** Rows a box had; it keeps them. */
  rows: ReadonlyMap<string, number>;
  detail: Detail;
}

/** The memory before the first scene. */
export const NO_MEMORY: SceneMemory = { slots: new Map(), rows: new Map(), detail: 'single' };

/** Sizes in px at zoom 1. Text under a hexagon has 12 px. */
export const SIZES = {
  pad: 12,
  gap: 16,
  header: 66,
  ownerHeader: 34,
  cell: { width: 98, height: 62 },
  large: { width: 132, height: 78 },
  small: { width: 24, height: 24 },
  tile: { width: 196, height: 38 },
  card: { width: 176, height: 44 },
  hexagon: 30,
  largeHexagon: 40,
  smallHexagon: 16,
} as const;

/** A key that names an object across kinds: "Pod/default/web-1", "Node//node-1". */
export const sceneKey = ({ kind, metadata }: KubernetesObject): string => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;

/** The key of the same object by its reference. */
export const refKey = ({ kind, namespace, name }: { kind: string; namespace?: string; name: string }): string =>
  `${kind}/${namespace ?? ''}/${name}`;
