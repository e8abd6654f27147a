/** Says on a SchedulerPlugin what became of it. */
import { SchedulerPluginResource } from '../api/kubarium/scheduler-plugin.ts';
import type { SchedulerPlugin, SchedulerPluginStatus } from '../api/kubarium/scheduler-plugin.ts';
import { setCondition } from '../apimachinery/conditions.ts';
import { formatTime } from '../apimachinery/durations.ts';
import { deepEqual } from '../apimachinery/freeze.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { Client } from '../client/client.ts';

/** Whether a script takes part, and why not. */
export interface Verdict {
  readonly ready: boolean;
  readonly reason: string;
  readonly message: string;
}

/** What is told besides. */
export interface PluginFacts {
  readonly extensionPoints: readonly string[];
  readonly failures: number;
  /** "" for none. */
  readonly lastFailure: string;
}

/** Writes the status if that is news. `now`: virtual ms. */
export function reportPlugin(client: Client, plugin: SchedulerPlugin, verdict: Verdict, facts: PluginFacts, now: number): void {
  const { status = {} } = plugin;
  const { extensionPoints, failures, lastFailure } = facts;
  const { ready, reason, message } = verdict;
  const condition = { type: 'Ready', status: ready ? 'True' : 'False', reason, message };
  const next: SchedulerPluginStatus = {
    ...status,
    conditions: setCondition(status.conditions, condition, formatTime(now)),
    extensionPoints,
    failures,
    ...(lastFailure && { lastFailure }),
  };
  if (deepEqual(next, status)) return;
  try {
    client.updateStatus(SchedulerPluginResource, { ...plugin, status: next });
  } catch (error) {
    // A newer version is on its way here, and will be reported on.
    if (!(error instanceof StatusError)) throw error;
  }
}
