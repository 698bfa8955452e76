/** What a process has used so far. */
export interface Usage {
  /** Microseconds of CPU, of all its threads. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
  readonly heapUsed: number;
  readonly peakRss: number;
}

export function usageOf(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpu: user + system, rss, heapUsed, peakRss: process.resourceUsage().maxRSS * 1024 };
}
