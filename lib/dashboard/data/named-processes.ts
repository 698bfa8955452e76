import type { ProcessState } from '../dashboard-source.js';
import type { Visibility } from './visibility.js';

/** A process by the name that may be shown. */
export type NamedProcess = Pick<ProcessState, 'date' | 'storages'> & { readonly name: string };

/** The processes by their names: host and id, or the id alone where servers are hidden. */
export function namedProcesses(
  processes: readonly ProcessState[],
  visible: Visibility,
): NamedProcess[] {
  const hasServer = !visible.hides('server');
  return processes
    .map(({ server, pid, date, storages }) => ({
      name: hasServer ? `${server} ${pid}` : `process ${pid}`,
      date,
      storages,
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
