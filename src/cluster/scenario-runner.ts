/**
 * Carries out what a Scenario has planned: at their times, its steps create Faults and apply manifests. Spoken notes
 * are the presenter's business, and expectations the gallery test's.
 */
import { formatTime, parseGoDuration, parseTime } from '../apimachinery/durations.ts';
import { StatusError } from '../apimachinery/status.ts';
import { FaultResource } from '../api/kubarium/fault.ts';
import type { Fault, FaultSpec } from '../api/kubarium/fault.ts';
import { ScenarioResource } from '../api/kubarium/scenario.ts';
import type { Scenario, ScenarioStatus, ScenarioStep } from '../api/kubarium/scenario.ts';
import type { Client, Sent } from '../client/client.ts';
import { InformerFactory } from '../client/informer.ts';
import type { UnsignedRequest } from '../scenario/apply.ts';
import type { ApiResponse } from '../api/request.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { userWorld } from './late-parts.ts';

/** A step that meets no apiserver is tried again after this, ms. */
const RETRY_MS = 1000;

/** Watches Scenarios and runs their steps. */
export class ScenarioRunner {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #send: (request: UnsignedRequest) => ApiResponse;
  readonly #informers: InformerFactory;

  constructor(scope: TaskScope, client: Client, send: (request: UnsignedRequest) => ApiResponse) {
    this.#scope = scope;
    this.#client = client;
    this.#send = send;
    this.#informers = new InformerFactory(scope, client);
    this.#informers.informer(ScenarioResource).addHandler({ add: (scenario) => this.#plan(scenario) });
  }

  start(): void {
    this.#informers.start();
  }

  #plan(scenario: Scenario): void {
    const { steps = [] } = scenario.spec;
    const startTime = scenario.status?.startTime ?? formatTime(this.#scope.now);
    if (scenario.status?.startTime === undefined)
      this.#setStatus(scenario, { phase: steps.length > 0 ? 'Running' : 'Done', startTime, stepsDone: 0 });
    const zero = parseTime(startTime);
    steps.forEach((step, index) => {
      if (index < (scenario.status?.stepsDone ?? 0)) return;
      const wait = Math.max(0, zero + parseGoDuration(step.at) - this.#scope.now);
      this.#scope.after(wait, 'step', `scenarios/${scenario.metadata.name}`, () => this.#run(scenario, step, index));
    });
  }

  #run(scenario: Scenario, step: ScenarioStep, index: number): void {
    if (!this.#canReach(scenario)) {
      this.#scope.after(RETRY_MS, 'step', `scenarios/${scenario.metadata.name}`, () => this.#run(scenario, step, index), {
        background: true,
      });
      return;
    }
    const { steps = [] } = scenario.spec;
    const { fault, apply = [] } = step;
    if (fault !== undefined) this.#createFault(`${scenario.metadata.name}-step-${index + 1}`, fault);
    if (apply.length > 0) userWorld.get().applyAll(apply, this.#send);
    const stepsDone = index + 1;
    this.#setStatus(scenario, { phase: stepsDone === steps.length ? 'Done' : 'Running', stepsDone });
  }

  /** An earlier step may have stopped the apiserver: a person would try again, too. */
  #canReach({ metadata }: Scenario): boolean {
    try {
      this.#client.find(ScenarioResource, metadata);
      return true;
    } catch (error) {
      if (error instanceof StatusError) return false;
      throw error;
    }
  }

  #createFault(name: string, { at: _at, ...spec }: FaultSpec): void {
    try {
      this.#client.create(FaultResource, { metadata: { name }, spec } as Sent<Fault>);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error; // a reload may come between the fault and the step's mark
    }
  }

  #setStatus({ metadata }: Scenario, status: ScenarioStatus): void {
    try {
      this.#client.patch(ScenarioResource, metadata, 'merge', { status }, { subresource: 'status' });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}
