import { hostname } from 'node:os';
import { reportingProcesses } from '../reading/routes/process-note.js';
import type { UsageSource } from '../reading/usage-source.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import type { ProcessState } from './dashboard-source.js';

/**
 * The state of the tracking in all processes of an application: this one's as it is now, the others'
 * as they have noted it beside the data within a minute, so that whichever process a load balancer
 * asks knows of all. A storage that keeps no notes knows of one.
 */
export async function processStates(
  source: Pick<UsageSource, 'stats' | 'processId'>,
  storage: UsageStorage | undefined,
): Promise<ProcessState[]> {
  const own = {
    server: hostname(),
    pid: process.pid,
    date: new Date(),
    storages: source.stats().storages,
  };
  const others = await notedStates(storage, source.processId());
  return [own, ...others];
}

/** The states that processes have noted within a minute, but for one. */
export async function notedStates(
  storage: UsageStorage | undefined,
  but: string | null = null,
): Promise<ProcessState[]> {
  const notes = (await storage?.readNotes?.('process')) ?? new Map<string, string>();
  return [...reportingProcesses(notes, Date.now())]
    .filter(([id]) => id !== but)
    .map(([, { server, pid, at, storages }]) => ({
      server,
      pid,
      date: new Date(at),
      storages,
    }));
}
