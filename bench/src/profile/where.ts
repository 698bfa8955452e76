import type { Profiler } from 'node:inspector';

/** A folder of the library, a package, or a part of Node. */
export interface Place {
  readonly name: string;
  /** Microseconds in its own code, without what that has called. */
  readonly micros: number;
}

/** Sums the samples of a profile by place, the greatest first. Idle time is left out. */
export function whereOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Place[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [at, id] of samples.entries()) {
    const name = names.get(id)!;
    if (name !== null) times.set(name, (times.get(name) ?? 0) + timeDeltas[at]!);
  }
  return [...times].map(([name, micros]) => ({ name, micros })).sort((a, b) => b.micros - a.micros);
}

/** Functions of better-sqlite3, which V8 names but no file. */
const OF_SQLITE = new Set(['run', 'all', 'get', 'prepare', 'pragma']);

function nameOf({ functionName, url }: Profiler.ProfileNode['callFrame']): string | null {
  if (functionName === '(idle)' || functionName === '(root)') return null;
  if (functionName === '(garbage collector)') return 'garbage collection';
  // Its script is one text, so that its functions have no files.
  if (url === '[worker eval]') return "the thread's script";
  const [, ours] = /\/dist\/(.*)\/[^/]+$/.exec(url) ?? [];
  if (url.includes('/bench/dist/')) return 'the bench';
  const [, named] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (named !== undefined) return named;
  if (ours !== undefined) return `lib/${ours.split('/').slice(0, 2).join('/')}`;
  if (url.startsWith('node:')) return 'node, JavaScript';
  return OF_SQLITE.has(functionName) ? 'better-sqlite3' : 'node, native';
}
