/**
 * The scheduler's settings: the ConfigMap kube-scheduler of kube-system. `config.yaml` is its KubeSchedulerConfiguration,
 * `policy.cfg` a Policy of the classic mode (as `--policy-configmap` read it until release 1.22), `recording` how many decisions are recorded
 * ("full", "all", "failed", "selected", "off"), `simulatorAnnotations` ("true") whether pods get kube-scheduler-simulator's annotations.
 * Differs: kube-scheduler reads its configuration once, from a file of its static pod; here a change acts at once.
 */
import { ConfigMapResource } from '../api/core/config-map.ts';
import type { ConfigMap } from '../api/generated/types.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { configOfText, policyOfText } from './config-text.ts';
import { invalidConfiguration } from './config-validation.ts';
import type { KubeSchedulerConfiguration } from './config.ts';
import { RECORDING_POLICIES } from './decision-recorder.ts';
import type { RecordingOptions, RecordingPolicy } from './decision-recorder.ts';

/** Where the settings are. kube-scheduler may read and watch this ConfigMap (role system::leader-locking-kube-scheduler). */
export const SETTINGS_KEY = { namespace: 'kube-system', name: 'kube-scheduler' } as const;
export const CONFIG_KEY = 'config.yaml';
export const POLICY_KEY = 'policy.cfg';

/** What the ConfigMap says. */
export interface Settings {
  readonly config: KubeSchedulerConfiguration;
  readonly recording: RecordingOptions;
}

/** Reads the ConfigMap's data. Throws BadRequest when it cannot be used. */
export function settingsOf(data: Readonly<Record<string, string>> = {}): Settings {
  const { recording, simulatorAnnotations } = data;
  const text = data[CONFIG_KEY] ?? '';
  const policyText = data[POLICY_KEY] ?? '';
  let config = text.trim() === '' ? {} : configOfText(text);
  if (policyText.trim() !== '') {
    const [first = {}, ...others] = config.profiles ?? [];
    config = { ...config, profiles: [{ ...first, policy: policyOfText(policyText) }, ...others] };
  }
  if (recording !== undefined && !RECORDING_POLICIES.includes(recording as RecordingPolicy)) {
    throw invalidConfiguration(`recording: Unsupported value: "${recording}": supported values: "${RECORDING_POLICIES.join('", "')}"`);
  }
  return {
    config,
    recording: {
      ...(recording !== undefined && { policy: recording as RecordingPolicy }),
      ...(simulatorAnnotations !== undefined && { simulatorAnnotations: simulatorAnnotations === 'true' }),
    },
  };
}

const RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

/** Follows the ConfigMap. What it says last, and is usable, holds. */
export class SettingsWatch {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #events: EventRecorder;
  readonly #use: (settings: Settings) => void;
  #used: ConfigMap['data'] | undefined;
  #retryMs = RETRY_MS;

  /** `use` takes settings over; it throws a StatusError when a profile cannot be made of them. */
  constructor(scope: TaskScope, client: Client, events: EventRecorder, use: (settings: Settings) => void) {
    this.#scope = scope;
    this.#client = client;
    this.#events = events;
    this.#use = use;
  }

  /** Reads the settings and watches them from now on. */
  start(): void {
    try {
      const found = this.#client.find(ConfigMapResource, SETTINGS_KEY);
      this.#take(found, true);
      const options = {
        fieldSelector: `metadata.name=${SETTINGS_KEY.name}`,
        ...(found && { resourceVersion: found.metadata.resourceVersion }),
      };
      const handle = this.#client.watch(ConfigMapResource, SETTINGS_KEY.namespace, options, {
        events: (batch) => {
          for (const { type, object } of batch) {
            if (type === 'DELETED') this.#take(undefined, false);
            else if (type === 'ADDED' || type === 'MODIFIED') this.#take(object as ConfigMap, false);
          }
        },
        closed: () => {
          if (this.#scope.alive) this.#retry();
        },
      });
      this.#scope.onKill(() => handle.stop());
      this.#retryMs = RETRY_MS;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#retry();
    }
  }

  #retry(): void {
    this.#scope.after(this.#retryMs, 'read settings', `configmaps/${SETTINGS_KEY.name}`, () => this.start(), { background: true });
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #take(map: ConfigMap | undefined, quiet: boolean): void {
    const data = map?.data;
    if (data === this.#used) return;
    try {
      this.#use(settingsOf(data));
      this.#used = data;
      if (map !== undefined && !quiet) this.#events.event(map, 'Normal', 'ConfigurationLoaded', 'The scheduler uses this configuration');
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (map !== undefined) {
        const kept = this.#used === undefined ? 'the defaults stay in use' : 'the configuration before stays in use';
        this.#events.event(map, 'Warning', 'InvalidConfiguration', `${error.message}; ${kept}`);
      }
    }
  }
}
