import { parseArgs } from 'node:util';

export const PLATFORMS = ['express', 'fastify'] as const;
export type PlatformName = (typeof PLATFORMS)[number];

/** What is asked for on the command line. */
export interface Settings {
  /** `overhead`, `ingest`, …; empty: all. */
  readonly bench: string | undefined;
  /** Of its subjects only these: a platform, a database. Empty: all. */
  readonly subjects: readonly string[];
  /** Of the variants only these. Empty: all. */
  readonly only: readonly string[];
  /** Rounds for each set of processes. */
  readonly rounds: number;
  /** How often the processes are started anew. */
  readonly generations: number;
  /** Requests to one variant in one round. */
  readonly requests: number;
  /** Minutes of the memory bench. */
  readonly minutes: number;
  /** Requests a second of the memory bench, to each server. */
  readonly rate: number;
  /** Records, for the query bench. */
  readonly sizes: readonly number[];
  /** Where measurements and the report go. */
  readonly out: string;
  /** What fills a database first measures when there is a file of this name; null: at once. */
  readonly hold: string | null;
  /** A folder by which what the reports bench has filled is found again; null: it is dropped. */
  readonly keep: string | null;
  /** A checkout of another commit, built, to measure beside this one; null: none. */
  readonly before: string | null;
  /** Further flags of node for the servers under load, such as --cpu-prof. */
  readonly nodeFlags: readonly string[];
}

/** @throws for an option that is not known. */
export function readSettings(argv: readonly string[], home: string): Settings {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      generations: { type: 'string' },
      requests: { type: 'string' },
      minutes: { type: 'string' },
      rate: { type: 'string' },
      sizes: { type: 'string' },
      only: { type: 'string' },
      out: { type: 'string' },
      hold: { type: 'string' },
      keep: { type: 'string' },
      before: { type: 'string' },
      'node-flags': { type: 'string' },
    },
  });
  const number = (
    name: 'rounds' | 'generations' | 'requests' | 'minutes' | 'rate',
    normal: number,
  ) => {
    const value = Number(values[name] ?? normal);
    if (value > 0) return value;
    throw new TypeError(`--${name}: expected a number above 0, but got ${values[name]}.`);
  };
  const list = (text: string | undefined) => (text ? text.split(',') : []);
  const { quick } = values;
  return {
    bench: positionals[0],
    subjects: positionals.slice(1),
    only: list(values.only),
    rounds: number('rounds', quick ? 5 : 20),
    generations: number('generations', quick ? 1 : 2),
    requests: number('requests', quick ? 500 : 1500),
    minutes: number('minutes', quick ? 0.25 : 10),
    rate: number('rate', 200),
    sizes: list(values.sizes ?? (quick ? '10000,30000' : '10000,100000,1000000')).map(Number),
    out: values.out ?? home,
    hold: values.hold ?? null,
    keep: values.keep ?? null,
    before: values.before ?? null,
    nodeFlags: values['node-flags']?.split(' ') ?? [],
  };
}
