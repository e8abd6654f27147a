/**
 * Serves the kinds that CustomResourceDefinitions define, and cleans up after them
 * (`k8s.io/apiextensions-apiserver/pkg/{apiserver,controller/{establish,finalizer,status}}`).
 * Differs: upstream waits five seconds between "Established" and serving in clusters with several apiservers; here both are one step.
 */
import { formatTime } from '../../apimachinery/durations.ts';
import { isCondition } from '../../apimachinery/conditions.ts';
import type { Condition } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { CustomResourceDefinitionResource } from '../../api/apiextensions/custom-resource-definition.ts';
import type { CustomResourceDefinition } from '../../api/generated/types.ts';
import type { ApiRequest, UserInfo, WatchEvent } from '../../api/request.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { ApiServer } from '../server.ts';
import type { WebhookCaller } from '../policy/webhook-caller.ts';
import { customKinds } from './kinds.ts';

const FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';
const USER: UserInfo = { name: 'system:apiserver', groups: ['system:masters'] };
const RETRY_MS = 1000;

/** Follows the definitions of one apiserver. */
export class CustomResources {
  readonly #sim: Simulation;
  readonly #server: ApiServer;
  readonly #caller: WebhookCaller | undefined;
  /** Served versions by definition. */
  readonly #served = new Map<string, ResourceDefinition[]>();

  constructor(sim: Simulation, server: ApiServer, caller?: WebhookCaller) {
    this.#caller = caller;
    this.#sim = sim;
    this.#server = server;
    // What is in the store already is served before anybody asks.
    const { storage } = server.registry(CustomResourceDefinitionResource.group, CustomResourceDefinitionResource.plural);
    for (const definition of storage.page(storage.prefix, {}).items) this.#serve(definition as CustomResourceDefinition);
    this.#watch();
  }

  #watch(): void {
    const { group, version, plural: resource } = CustomResourceDefinitionResource;
    const again = () =>
      this.#sim.schedule(RETRY_MS, 'kube-apiserver', 'watch definitions', resource, () => this.#watch(), { background: true });
    if (!this.#server.running) {
      again();
      return;
    }
    const events = (batch: readonly WatchEvent[]) => batch.forEach((event) => this.#follow(event));
    this.#server.watch({ group, version, resource, user: USER, userAgent: 'kube-apiserver' }, { events, closed: again });
  }

  #follow({ type, object }: WatchEvent): void {
    if (type === 'BOOKMARK' || type === 'ERROR') return;
    const definition = object as CustomResourceDefinition;
    const { name, deletionTimestamp } = definition.metadata;
    if (type === 'DELETED') {
      this.#withdraw(name);
      this.#reconsider(definition.spec.group, name);
    } else if (deletionTimestamp !== undefined) this.#cleanUp(definition);
    else this.#serve(this.#establish(definition));
  }

  /** Serves a definition under the names that it has got. */
  #serve(requested: CustomResourceDefinition): void {
    const { metadata, spec, status } = requested;
    if (metadata.deletionTimestamp !== undefined || !isCondition(status?.conditions as Condition[] | undefined, 'Established')) return;
    const definition = { ...requested, spec: { ...spec, names: status?.acceptedNames ?? spec.names } };
    const stored = definition.spec.versions.find(({ storage }) => storage);
    if (stored === undefined) return;
    const kinds = definition.spec.versions
      .filter(({ served }) => served)
      .map((version) => ({ version, kind: customKinds.get().customDefinition(definition, version) }));
    const storedKind = kinds.find(({ version }) => version === stored)?.kind ?? customKinds.get().customDefinition(definition, stored);
    const before = this.#served.get(definition.metadata.name) ?? [];
    this.#server.serve(storedKind);
    // Objects may lie in the store as the version that was stored when they were written.
    if (definition.spec.versions.length > 1) {
      for (const { kind, version } of [{ kind: storedKind, version: stored }, ...kinds.filter(({ version }) => version !== stored)])
        this.#server.serve(kind, customKinds.get().conversionOf(definition, kind, version, stored, this.#caller));
    }
    const now = [storedKind, ...kinds.filter(({ version }) => version !== stored).map(({ kind }) => kind)];
    for (const { group, version, plural } of before)
      if (!now.some((kind) => kind.version === version)) this.#server.withdraw(group, version, plural);
    if (!stored.served) this.#server.withdraw(storedKind.group, storedKind.version, storedKind.plural);
    this.#served.set(definition.metadata.name, now);
  }

  #withdraw(name: string): void {
    for (const { group, version, plural } of this.#served.get(name) ?? []) this.#server.withdraw(group, version, plural);
    this.#served.delete(name);
  }

  /** All definitions in the store. */
  #all(): readonly CustomResourceDefinition[] {
    const { group, plural } = CustomResourceDefinitionResource;
    return this.#server.registry(group, plural).all() as readonly CustomResourceDefinition[];
  }

  /** Gives a definition the names that are free, and writes so into its status. Returns it with that status. */
  #establish(definition: CustomResourceDefinition): CustomResourceDefinition {
    const { metadata, spec, status } = definition;
    const next = customKinds.get().namedStatus(definition, this.#all(), formatTime(this.#sim.now));
    if (next === status) return definition;
    const named = { ...definition, status: next };
    this.#write({ verb: 'update', subresource: 'status', name: metadata.name, body: named });
    if (!metadata.finalizers?.includes(FINALIZER)) {
      const patch = { metadata: { finalizers: [...(metadata.finalizers ?? []), FINALIZER] } };
      this.#write({ verb: 'patch', name: metadata.name, patchType: 'merge', body: patch });
    }
    // It may have let go of a name that another one waits for.
    if (status?.acceptedNames !== undefined) this.#reconsider(spec.group, metadata.name);
    return named;
  }

  /** Looks again at the definitions of a group whose names another one had. */
  #reconsider(group: string, except: string): void {
    for (const other of this.#all())
      if (
        other.spec.group === group &&
        other.metadata.name !== except &&
        isCondition(other.status?.conditions as Condition[], 'NamesAccepted', 'False')
      )
        this.#follow({ type: 'MODIFIED', object: other });
  }

  /** Deletes all objects of a definition that goes, then lets it go. */
  #cleanUp(definition: CustomResourceDefinition): void {
    const { name, finalizers = [] } = definition.metadata;
    if (!finalizers.includes(FINALIZER)) return;
    const [kind] = this.#served.get(name) ?? [];
    if (kind !== undefined && this.#deleteAll(kind) > 0) {
      this.#sim.schedule(RETRY_MS, 'kube-apiserver', 'delete custom resources', name, () => this.#cleanUp(definition), {
        background: true,
      });
      return;
    }
    this.#withdraw(name);
    const patch = { metadata: { finalizers: finalizers.filter((finalizer) => finalizer !== FINALIZER) } };
    this.#write({ verb: 'patch', name, patchType: 'merge', body: patch });
  }

  /** Returns how many objects are left. */
  #deleteAll({ group, version, plural: resource }: ResourceDefinition): number {
    const request = { group, version, resource, user: USER, userAgent: 'kube-apiserver' };
    this.#server.request({ ...request, verb: 'deletecollection' });
    const { object } = this.#server.request({ ...request, verb: 'list' });
    return 'items' in object ? object.items.length : 0;
  }

  #write(request: Pick<ApiRequest, 'verb' | 'name' | 'body'> & Partial<ApiRequest>): void {
    const { group, version, plural: resource } = CustomResourceDefinitionResource;
    try {
      this.#server.request({ group, version, resource, user: USER, userAgent: 'kube-apiserver', ...request });
    } catch (error) {
      // Somebody wrote in between: the event of that write brings us back here.
      if (!hasReason(error, 'Conflict') && !hasReason(error, 'NotFound')) throw error;
    }
  }
}
