/**
 * What a plugin answers (`k8s.io/kube-scheduler/framework`, Status). Success is `undefined`, so that the hot path
 * allocates nothing; refusals that always read the same are made once and shared.
 */

/** The outcome of a plugin call, named as upstream. */
export type Code = 'Success' | 'Error' | 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Wait' | 'Skip' | 'Pending';

/** A plugin's answer that is not plain success. Immutable. */
export class Status {
  readonly code: Code;
  /** Texts for users; their counts make the FailedScheduling message. */
  readonly reasons: readonly string[];
  /** Which plugin answered. */
  readonly plugin: string;

  constructor(code: Code, reasons: readonly string[], plugin: string) {
    this.code = code;
    this.reasons = reasons;
    this.plugin = plugin;
  }

  /** The reasons in one text. */
  get message(): string {
    return this.reasons.join(', ');
  }

  /** True when the pod (not the plugin) is at fault: it waits until something changes. */
  get isRejected(): boolean {
    return this.code === 'Unschedulable' || this.code === 'UnschedulableAndUnresolvable' || this.code === 'Pending';
  }
}

/** A refusal that evicting other pods may cure. */
export const unschedulable = (plugin: string, ...reasons: string[]): Status => new Status('Unschedulable', reasons, plugin);

/** A refusal that no eviction cures. */
export const unresolvable = (plugin: string, ...reasons: string[]): Status => new Status('UnschedulableAndUnresolvable', reasons, plugin);

/** The plugin itself failed; the pod is retried after its back-off. */
export const failed = (plugin: string, message: string): Status => new Status('Error', [message], plugin);

/** "Leave my Filter (from PreFilter) or my Score (from PreScore) out for this pod." */
export const skip = (plugin: string): Status => new Status('Skip', [], plugin);

/** Thrown by a plugin whose function has no other way to say that it failed (Score); the attempt ends in an error. */
export class PluginFailure extends Error {
  override readonly name: string = 'PluginFailure';
  readonly plugin: string;

  constructor(plugin: string, message: string) {
    super(message);
    this.plugin = plugin;
  }
}
