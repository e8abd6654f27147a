/** The scheduler's profiles, made of its configuration, and made anew when that changes (`pkg/scheduler/profile/profile.go`). */
import { assert } from '../apimachinery/assert.ts';
import { badRequest } from '../apimachinery/status.ts';
import type { SchedulingOverrides } from '../api/kubarium/scheduling-decision.ts';
import { validateConfiguration } from './config-validation.ts';
import { DEFAULT_SCHEDULER_NAME, resolveProfile } from './config.ts';
import type { KubeSchedulerConfiguration, PluginRegistry, ResolvedProfile, SchedulerProfile } from './config.ts';
import type { EventRegistration } from './framework/events.ts';
import { Framework } from './framework/framework.ts';
import type { FrameworkHandle } from './framework/framework.ts';

const DEFAULT_INITIAL_BACKOFF_S = 1;
const DEFAULT_MAX_BACKOFF_S = 10;

/** All profiles of one scheduler. */
export class ProfileSet {
  readonly #handle: FrameworkHandle;
  #registry: PluginRegistry;
  #config: KubeSchedulerConfiguration = {};
  #frameworks: ReadonlyMap<string, Framework> = new Map();
  readonly #registrations = new Map<string, readonly EventRegistration[] | undefined>();

  /** Throws BadRequest when a profile cannot be made. */
  constructor(handle: FrameworkHandle, registry: PluginRegistry, config: KubeSchedulerConfiguration) {
    this.#handle = handle;
    this.#registry = registry;
    this.configure(config);
  }

  /** `schedulerName` → framework. */
  get frameworks(): ReadonlyMap<string, Framework> {
    return this.#frameworks;
  }

  /** The first of them. */
  get any(): Framework {
    const [first] = this.#frameworks.values();
    assert(first !== undefined, 'a scheduler has at least one profile');
    return first;
  }

  get initialBackoffMs(): number {
    return (this.#config.podInitialBackoffSeconds ?? DEFAULT_INITIAL_BACKOFF_S) * 1000;
  }

  get maxBackoffMs(): number {
    return (this.#config.podMaxBackoffSeconds ?? DEFAULT_MAX_BACKOFF_S) * 1000;
  }

  /** What a plugin of any profile waits for; undefined for an unknown plugin. */
  registrations(plugin: string): readonly EventRegistration[] | undefined {
    if (this.#registrations.size === 0) {
      for (const { plugins } of this.#frameworks.values()) for (const { name, events } of plugins) this.#registrations.set(name, events);
    }
    return this.#registrations.get(plugin);
  }

  /** Makes all profiles anew. Throws BadRequest, and changes nothing, when one of them cannot be made. */
  configure(config: KubeSchedulerConfiguration, registry: PluginRegistry = this.#registry): void {
    validateConfiguration(config);
    const profiles = config.profiles?.length ? config.profiles : [{}];
    const made = profiles.map((profile) => new Framework(resolveProfile(profile, registry, config), this.#handle));
    this.#frameworks = new Map(made.map((framework) => [framework.profileName, framework]));
    this.#config = config;
    this.#registry = registry;
    this.#registrations.clear();
  }

  /** Makes all profiles anew with other plugins to choose from. */
  setRegistry(registry: PluginRegistry): void {
    this.configure(this.#config, registry);
  }

  /** A profile after merging; `own` stands for the profile itself. Throws BadRequest for an unknown name and for what is not valid. */
  resolve(schedulerName: string, own?: SchedulingOverrides['profile']): ResolvedProfile {
    if (own !== undefined) {
      const profile: SchedulerProfile = { schedulerName, ...own };
      validateConfiguration({ profiles: [profile] });
      return resolveProfile(profile, this.#registry, this.#config);
    }
    const framework = this.#frameworks.get(schedulerName || DEFAULT_SCHEDULER_NAME);
    if (framework === undefined) throw badRequest(`spec.profile: the scheduler has no profile ${JSON.stringify(schedulerName)}`);
    return framework.profile;
  }
}
