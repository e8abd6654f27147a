/** Control groups: what a set of processes uses, and may use. Use is added up to the parent, so the root is the machine's. */

/** A control group (v2). Limits of 0 mean none. */
export class Cgroup {
  readonly parent: Cgroup | undefined;
  /** memory.max, bytes. */
  readonly memoryLimit: number;
  /** cpu.max, in milli-CPU. */
  readonly cpuLimit: number;
  /** memory.current, bytes. */
  memoryBytes = 0;
  /** What the processes would use without a limit, in milli-CPU. */
  cpuDemand = 0;

  constructor(parent: Cgroup | undefined, memoryLimit = 0, cpuLimit = 0) {
    this.parent = parent;
    this.memoryLimit = memoryLimit;
    this.cpuLimit = cpuLimit;
  }

  /** CPU use in milli-CPU: the demand, throttled to the limit. */
  get milliCpu(): number {
    return this.cpuLimit > 0 ? Math.min(this.cpuDemand, this.cpuLimit) : this.cpuDemand;
  }

  /** Changes the use. Returns the group nearest to the root whose memory limit is now passed, if any. */
  charge(memoryBytes: number, milliCpu: number): Cgroup | undefined {
    const before = this.milliCpu;
    this.memoryBytes += memoryBytes;
    this.cpuDemand += milliCpu;
    const over = this.memoryLimit > 0 && this.memoryBytes > this.memoryLimit ? this : undefined;
    return this.parent?.charge(memoryBytes, this.milliCpu - before) ?? over;
  }
}
