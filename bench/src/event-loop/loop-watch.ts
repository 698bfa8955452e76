import { readFileSync } from 'node:fs';

/** How long others had to wait for the event loop. */
export interface LoopHeld {
  /** Milliseconds between two turns of a timer that is due each millisecond. */
  readonly max: number;
  readonly p99: number;
  /** Of the CPU, in milliseconds: what was not the machine's other work. Null where not told. */
  readonly maxCpu: number | null;
}

/** Watches the event loop of this thread, by a timer. */
export class LoopWatch {
  private readonly gaps: number[] = [];
  private maxCpu = 0;
  private last = performance.now();
  private lastCpu = cpuOfThread();
  private readonly timer = setInterval(() => this.look(), 1);

  private look(): void {
    const [now, cpu] = [performance.now(), cpuOfThread()];
    this.gaps.push(now - this.last);
    if (cpu !== null && this.lastCpu !== null)
      this.maxCpu = Math.max(this.maxCpu, cpu - this.lastCpu);
    this.last = performance.now();
    this.lastCpu = cpuOfThread();
  }

  stop(): LoopHeld {
    clearInterval(this.timer);
    this.look();
    const sorted = this.gaps.sort((a, b) => a - b);
    return {
      max: sorted.at(-1)!,
      p99: sorted[Math.floor(sorted.length * 0.99)]!,
      maxCpu: this.lastCpu === null ? null : this.maxCpu,
    };
  }
}

// On Linux, of the main thread, whose id is the process's.
function cpuOfThread(): number | null {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(
      ' ',
    );
    return Number(nanoseconds) / 1e6;
  } catch {
    return null;
  }
}
