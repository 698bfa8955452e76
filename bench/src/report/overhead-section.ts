import type { OverheadResult, Round, VariantResult } from '../overhead/overhead.js';
import { paired, percentile, spreadOf, type Spread } from '../statistics.js';
import { megabytes, shown, table } from './tables.js';
import { atLeast, atMost, type Target } from './target.js';

const PLATFORM_TITLES = { express: 'Express', fastify: 'Fastify' };
const EVERYTHING_BOUND = { express: 30, fastify: 18 };
const NOWHERE_BOUND = { express: 6, fastify: 4 };
// The bounds in microseconds were set on a machine where the bare application took so many. What
// is a share of that is the same bound on a machine that is slower or faster.
const BARE = { express: 103, fastify: 17 };
const THROUGHPUT_BOUND = { express: 0.75, fastify: 0.5 };
/** What `forRoot()` may add, of what the cheaper of these adds, which store nothing. */
const SHARE_OF_PEERS = 0.9;
const RSS_BOUND_MB = 40;
const PEERS = ['nestjs-pino', 'apitally'] as const;
/** How far the A/A pair may be apart on a machine that is quiet enough to judge by. */
const QUIET = 0.03;

/** A variant that lost something is no measure of anything. */
export const isDisqualified = ({ missing }: VariantResult) => missing.length > 0;

export function addedCpu(variants: readonly VariantResult[], name: string, over = 'bare'): Spread {
  return compare(variants, name, over, 'cpu', (a, b) => a - b);
}

export function overheadSection(result: OverheadResult): string {
  const { platform, variants } = result;
  const bare = find(variants, 'bare');
  const rows = variants.map((variant) => {
    const { name, title, peakRss } = variant;
    const ofBare = (spread: () => Spread) => (name === 'bare' ? '1' : shown(spread(), 2));
    const ratio = (field: keyof Round) =>
      ofBare(() => compare(variants, name, 'bare', field, (a, b) => a / b));
    return [
      isDisqualified(variant) ? `${title} **(disqualified)**` : title,
      name === 'bare' ? '' : shown(addedCpu(variants, name), 1, true),
      ratio('requestsPerSecond'),
      ratio('p50'),
      ratio('p99'),
      megabytes(Math.max(...peakRss)),
      ofBare(() => paired(peakRss, find(variants, 'bare')!.peakRss, (a, b) => a / b)),
      variant.keeps,
    ];
  });
  const cpu = spreadOf(bare?.rounds.map((round) => round.cpu) ?? []);
  const faults = variants
    .filter(isDisqualified)
    .flatMap(({ title, missing }) => missing.slice(0, 3).map((fault) => `- ${title}: ${fault}`));
  return [
    `### ${PLATFORM_TITLES[platform]}`,
    '',
    `The bare application takes ${shown(cpu, 1)} µs of CPU for a request, ` +
      `${percentile(bare?.rounds.map((round) => round.requestsPerSecond) ?? [], 50).toFixed(0)} requests a second; ` +
      `${bare?.rounds.length ?? 0} rounds of ${result.requests} requests over ${result.connections} connections, ` +
      `${bare?.peakRss.length ?? 0} processes of each. ` +
      `The load generator takes ${result.generatorCpu.toFixed(1)} µs for a request.`,
    '',
    table(
      [
        '',
        'µs of CPU added',
        'requests/s of bare',
        'p50 of bare',
        'p99 of bare',
        'highest peak RSS',
        'peak RSS of bare',
        'keeps',
      ],
      rows,
    ),
    ...byHand(variants),
    ...ofJournal(variants),
    ...againstBefore(variants),
    ...(faults.length > 0 ? ['', ...faults] : []),
  ].join('\n');
}

// No floor, for code by hand can be made faster as well: what storing costs whoever just writes it.
function byHand(variants: readonly VariantResult[]): string[] {
  if (!['raw-sqlite', 'ours-sqlite', 'bare'].every((name) => find(variants, name))) return [];
  return [
    '',
    `Storing alone, the same columns and sums from records made beforehand, by hand with ` +
      `better-sqlite3 behind a no-op interceptor, adds ${shown(addedCpu(variants, 'raw-sqlite'), 1, true)} µs. ` +
      `Against that, nestjs-track-usage with SQLite and sumBasic, which reads the request and makes ` +
      `the record as well, is at ${shown(addedCpu(variants, 'ours-sqlite', 'raw-sqlite'), 1, true)} µs.`,
  ];
}

function ofJournal(variants: readonly VariantResult[]): string[] {
  if (!has(variants, 'ours-journal', 'ours-default')) return [];
  return [
    '',
    `The journal adds ${shown(addedCpu(variants, 'ours-journal', 'ours-default'), 1, true)} µs to a ` +
      `request, and throughput with it is ${shown(
        compare(variants, 'ours-journal', 'ours-default', 'requestsPerSecond', (a, b) => a / b),
        2,
      )} of that without.`,
  ];
}

/** CPU of a whole request against the commit before, in the same rounds. */
function againstBefore(variants: readonly VariantResult[]): string[] {
  const pairs = [
    ['writing nowhere', 'ours-nowhere', 'before-nowhere'],
    ['the commit before against itself (A/A)', 'before-nowhere-again', 'before-nowhere'],
    ['SQLite and sumBasic', 'ours-sqlite', 'before-sqlite'],
  ] as const;
  const rows = pairs
    .filter(([, a, b]) => find(variants, a) && find(variants, b))
    .map(([title, a, b]) => [
      title,
      shown(
        compare(variants, a, b, 'cpu', (x, y) => x / y),
        3,
      ),
    ]);
  if (rows.length === 0) return [];
  return ['', table(['against the commit before', 'CPU of a request'], rows)];
}

/** Whether the same application under two names took the same CPU: else the machine was busy. */
export function isQuiet({ variants }: OverheadResult): boolean {
  if (!find(variants, 'bare') || !find(variants, 'bare-again')) return false;
  const { median } = compare(variants, 'bare-again', 'bare', 'cpu', (a, b) => a / b);
  return Math.abs(median - 1) <= QUIET;
}

export function overheadTargets(result: OverheadResult): Target[] {
  return [...recordingTargets(result), ...defaultTargets(result), ...storingTargets(result)];
}

function recordingTargets({ platform, variants }: OverheadResult): Target[] {
  const on = `on ${PLATFORM_TITLES[platform]}`;
  if (!has(variants, 'ours-nowhere', 'noop')) return [];
  return [
    atMost(
      `writing nowhere, over a no-op interceptor, ${on}`,
      addedCpu(variants, 'ours-nowhere', 'noop'),
      NOWHERE_BOUND[platform],
      'µs',
    ),
    atMost(
      `the same, of the bare application's own, ${on}`,
      shareOfBare(variants, 'ours-nowhere', 'noop'),
      share(NOWHERE_BOUND[platform], BARE[platform]),
      '',
    ),
  ];
}

/** Of what an application gets that sets nothing. */
function defaultTargets({ platform, variants }: OverheadResult): Target[] {
  const on = `on ${PLATFORM_TITLES[platform]}`;
  if (!has(variants, 'ours-default', 'bare')) return [];
  const throughput = atLeast(
    `throughput with forRoot(), of bare, ${on}`,
    compare(variants, 'ours-default', 'bare', 'requestsPerSecond', (a, b) => a / b),
    THROUGHPUT_BOUND[platform],
  );
  const peaks = ['ours-default', 'bare'].map((name) => find(variants, name)!.peakRss) as [
    readonly number[],
    readonly number[],
  ];
  const memory = atMost(
    `highest RSS at full speed with forRoot(), over bare, ${on}`,
    paired(...peaks, (a, b) => (a - b) / 1e6),
    RSS_BOUND_MB,
    'MB',
  );
  if (!has(variants, ...PEERS)) return [throughput, memory];
  const cpuAdded = (name: string) => addedCpu(variants, name).median;
  const cheapest = PEERS.reduce((a, b) => (cpuAdded(b) < cpuAdded(a) ? b : a));
  const ours = spreadOf(added(variants, 'ours-default', 'bare'));
  const peer = cpuAdded(cheapest);
  const ofPeer = (microseconds: number) => microseconds / peer;
  return [
    atMost(
      `forRoot(), of what ${cheapest} adds, which stores nothing, ${on}`,
      { median: ofPeer(ours.median), q1: ofPeer(ours.q1), q3: ofPeer(ours.q3), n: ours.n },
      SHARE_OF_PEERS,
      '',
    ),
    throughput,
    memory,
  ];
}

function storingTargets({ platform, variants }: OverheadResult): Target[] {
  const on = `on ${PLATFORM_TITLES[platform]}`;
  const targets: Target[] = [];
  if (!has(variants, 'ours-sqlite', 'bare')) return targets;
  targets.push(
    atMost(
      `SQLite and sumBasic, over bare, ${on}`,
      addedCpu(variants, 'ours-sqlite'),
      EVERYTHING_BOUND[platform],
      'µs',
    ),
    atMost(
      `the same, of the bare application's own, ${on}`,
      shareOfBare(variants, 'ours-sqlite', 'bare'),
      share(EVERYTHING_BOUND[platform], BARE[platform]),
      '',
    ),
  );
  if (has(variants, 'apitally'))
    targets.push(
      atMost(
        `SQLite and sumBasic, over apitally, ${on}`,
        addedCpu(variants, 'ours-sqlite', 'apitally'),
        0,
        'µs',
      ),
    );
  if (has(variants, 'repository-save'))
    targets.push(
      atMost(
        `SQLite and sumBasic, of what repository.save adds, ${on}`,
        shareOfSave(variants),
        0.2,
        '',
      ),
    );
  targets.push(
    atLeast(
      `throughput with SQLite and sumBasic, of bare, ${on}`,
      compare(variants, 'ours-sqlite', 'bare', 'requestsPerSecond', (a, b) => a / b),
      THROUGHPUT_BOUND[platform],
    ),
  );
  return targets;
}

function shareOfBare(variants: readonly VariantResult[], name: string, over: string): Spread {
  return paired(added(variants, name, over), cpuOf(variants, 'bare'), (a, b) => a / b);
}

function shareOfSave(variants: readonly VariantResult[]): Spread {
  const overBare = (name: string) => added(variants, name, 'bare');
  return paired(overBare('ours-sqlite'), overBare('repository-save'), (a, b) => a / b);
}

/** What a variant adds to another in each round. */
function added(variants: readonly VariantResult[], name: string, over: string): number[] {
  const base = cpuOf(variants, over);
  return cpuOf(variants, name).map((cpu, index) => cpu - base[index]!);
}

function cpuOf(variants: readonly VariantResult[], name: string): number[] {
  return find(variants, name)!.rounds.map(({ cpu }) => cpu);
}

/** To two digits, as the report shows it. */
function share(part: number, whole: number): number {
  return Math.round((100 * part) / whole) / 100;
}

function compare(
  variants: readonly VariantResult[],
  name: string,
  over: string,
  field: keyof Round,
  by: (a: number, b: number) => number,
): Spread {
  const of = (which: string) => find(variants, which)!.rounds.map((round) => round[field]);
  return paired(of(name), of(over), by);
}

function has(variants: readonly VariantResult[], ...names: readonly string[]): boolean {
  return names.every((name) => find(variants, name));
}

function find(variants: readonly VariantResult[], name: string): VariantResult | undefined {
  return variants.find((variant) => variant.name === name);
}
