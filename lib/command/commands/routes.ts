import { resolve } from 'node:path';
import { isPastSunset, unusedSince } from '../../reading/routes/review-routes.js';
import { findUnused } from '../../reading/routes/unused-routes.js';
import { callersOf, isCalled } from '../../reading/routes/route-callers.js';
import type { CalledRoute } from '../../reading/routes/route-review.js';
import {
  listRoutes,
  parseRoutesQuery,
  type AskReport,
  type ListedRoute,
} from '../../reading/routes/usage-routes.js';
import type { RoutesQuery } from '../../reading/routes/usage-route.js';
import { parseRange } from '../../storages/base/query/parse-range.js';
import { defineCommand, type CommandCall, type FlagTable, type FlagValues } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { filterOf } from '../options/filter-of.js';
import { parseNames } from '../options/parse-values.js';
import { JSON_FLAG, RANGE_FLAGS, WHERE_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonText } from '../output/json.js';
import { terminalOf } from '../output/terminal.js';
import { write } from '../output/write.js';
import { readDeclared } from '../routes/declared-file.js';
import { removedBy, removedSince } from '../routes/removed-routes.js';
import { callerLines, routeLines, type RouteView } from '../routes/route-text.js';
import { withStorage, type OpenStorage } from '../storage/open-storage.js';
import { CommandUsageError } from '../usage-error.js';

const FLAGS = {
  ...STORAGE_FLAGS,
  ...RANGE_FLAGS,
  ...WHERE_FLAG,
  unused: { type: 'string', value: 'SPAN', help: 'Only what nobody has called for so long: 90d' },
  deprecated: { type: 'boolean', help: 'Only what is deprecated, with its callers' },
  'fail-on': {
    type: 'string',
    value: 'NAMES',
    help: 'sunset, called or both: exit code 1 if a route that is past its sunset, or that the change removes, has callers in the last 30 days or --last',
  },
  removed: {
    type: 'string',
    value: 'FILE',
    help: 'What routes --json printed before the change: removed is what is declared no more',
  },
  declared: {
    type: 'string',
    value: 'FILE',
    help: 'What the change declares, as routes --json prints it or as an OpenAPI document: removed is what it lacks',
  },
  ...JSON_FLAG,
} as const satisfies FlagTable;

type RoutesFlags = FlagValues<typeof FLAGS>;
type Reason = 'sunset' | 'called';
const REASONS: readonly string[] = ['sunset', 'called'];
const LAST = '30d';

/** Lists the declared routes, and holds up a change that takes one from its callers. */
export const routes = defineCommand({
  name: 'routes',
  summary: 'Lists the declared routes: who calls them, which nobody calls; a check for CI',
  details:
    'The applications store their routes when they start. Without --last, calls of any age count.',
  flags: FLAGS,
  examples: [
    'routes --unused 90d',
    'routes --deprecated --last 30d',
    'routes --fail-on sunset,called --declared openapi.json',
  ],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  const reasons = reasonsOf(flags);
  const file = await fileOf(flags, io.cwd);
  return withStorage(flags, io, { access: 'read', sums: 'stored' }, async (opened) => {
    const isSpan = flags.last !== undefined || flags.start !== undefined || flags.end !== undefined;
    const view: RouteView = {
      timeZone: opened.timeZone,
      terminal: terminalOf(io.stdout, io),
      counts: isSpan && !isOfAll(flags, reasons) ? 'span' : 'all',
      isUnused: flags.unused !== undefined,
    };
    const found = await find(flags, reasons, file, opened, io.signal);
    const { shown, failures } = found;
    if (flags.json)
      await write(io.stdout, jsonText(reasons.length > 0 ? { failures, routes: shown } : shown));
    else {
      const lines =
        reasons.length > 0
          ? failureLines(found, view)
          : [...shownLines(shown, flags, view), ...uncountedLines(found)];
      await write(io.stdout, `${lines.join('\n')}\n`);
    }
    return failures.length > 0 ? EXIT.finding : EXIT.ok;
  });
}

/** Whether the routes' own counts are of all that is stored: what is unused is a matter of that. */
function isOfAll(flags: RoutesFlags, reasons: readonly Reason[]): boolean {
  return flags.unused !== undefined || flags.deprecated === true || reasons.length > 0;
}

type Shown = ListedRoute['route'] | CalledRoute;
type Failure = { readonly reason: Reason } & CalledRoute;

interface Found {
  readonly shown: readonly Shown[];
  readonly failures: readonly Failure[];
  /** How many routes nobody can tell of whether they are unused. */
  readonly uncounted: number;
  /** How many routes were looked at, by reason. */
  readonly checked: Readonly<Partial<Record<Reason, number>>>;
}

async function find(
  flags: RoutesFlags,
  reasons: readonly Reason[],
  file: Awaited<ReturnType<typeof fileOf>>,
  { storage, reader, timeZone }: OpenStorage,
  signal: AbortSignal,
): Promise<Found> {
  const ask: AskReport = (query) => reader.report(query);
  const filter: RoutesQuery = { ...filterOf(flags, timeZone), signal };
  parseRoutesQuery(filter);
  const { last, startDate, endDate, ...plain } = filter;
  const isGiven = last !== undefined || startDate !== undefined || endDate !== undefined;
  const { start, end } = parseRange(isGiven ? filter : { last: LAST });
  const spanned: RoutesQuery = {
    ...plain,
    ...(start && { startDate: start }),
    endDate: end ?? new Date(),
  };
  const since = flags.unused === undefined ? null : unusedSince(flags.unused);
  const { listed, isShared } = await listRoutes(
    (kind) => storage.readNotes(kind),
    ask,
    isOfAll(flags, reasons) ? plain : filter,
  );
  if (listed.length === 0 && reasons.length > 0)
    throw new Error(
      'This storage knows no routes: an application of this version stores them when it starts.',
    );
  const called = (some: readonly ListedRoute[]): Promise<CalledRoute[]> => {
    const unlisted = some.filter((each) => !listed.includes(each));
    return callersOf(ask, spanned, some, [...listed, ...unlisted], isShared);
  };
  const found = since && (await findUnused(ask, plain, listed, since, isShared));
  const isAsked = ({ route }: ListedRoute) =>
    (found === null || found.unused.includes(route)) &&
    (!flags.deprecated || route.deprecated !== null);
  const asked = listed.filter(isAsked);
  const shown = flags.deprecated ? await called(asked) : asked.map(({ route }) => route);
  const removed = file && (file.isOld ? removedSince : removedBy)(file.declared, listed);
  const failures: Failure[] = [];
  const checked: Partial<Record<Reason, number>> = {};
  for (const reason of reasons) {
    const candidates =
      reason === 'called'
        ? removed!
        : listed.filter(({ route }) => route.gone === null && isPastSunset(route));
    checked[reason] = candidates.length;
    for (const route of await called(candidates))
      if (isCalled(route)) failures.push({ reason, ...route });
  }
  return {
    shown: file && reasons.length === 0 ? removed!.map(({ route }) => route) : shown,
    uncounted: found?.uncounted.length ?? 0,
    failures,
    checked,
  };
}

function shownLines(shown: readonly Shown[], flags: RoutesFlags, view: RouteView) {
  return flags.deprecated
    ? callerLines(shown as readonly CalledRoute[], view)
    : routeLines(shown, view);
}

function uncountedLines({ uncounted }: Found): string[] {
  if (uncounted === 0) return [];
  return [
    `Of ${uncounted} more nobody can tell: records of that time are gone, and no sum tells their calls.`,
  ];
}

const TITLES: Record<Reason, string> = {
  sunset: 'Past their sunset and still called:',
  called: 'Removed and still called:',
};

function failureLines({ failures, checked }: Found, view: RouteView): string[] {
  const lines = (Object.keys(checked) as Reason[]).flatMap((reason) => {
    const own = failures.filter((each) => each.reason === reason);
    if (own.length > 0) return [TITLES[reason], ...callerLines(own, view), ''];
    const what = reason === 'sunset' ? 'past its sunset' : 'removed';
    return [`No route that is ${what} has callers (${checked[reason]} looked at).`];
  });
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function reasonsOf(flags: RoutesFlags): Reason[] {
  const given = parseNames(flags['fail-on']) ?? [];
  for (const name of given)
    if (!REASONS.includes(name))
      throw new CommandUsageError(
        `--fail-on: expected sunset, called or both, but got ${JSON.stringify(name)}.`,
      );
  const hasFile = flags.removed !== undefined || flags.declared !== undefined;
  if (given.includes('called') && !hasFile)
    throw new CommandUsageError(
      '--fail-on called needs to know what the change removes: give --declared FILE before it is ' +
        'deployed, or --removed FILE after.',
    );
  return [...new Set(given)] as Reason[];
}

async function fileOf({ removed, declared }: RoutesFlags, cwd: string) {
  if (removed !== undefined && declared !== undefined)
    throw new CommandUsageError('Give either --removed or --declared.');
  const [flag, file] = removed === undefined ? ['--declared', declared] : ['--removed', removed];
  if (file === undefined) return null;
  return { isOld: removed !== undefined, declared: await readDeclared(flag, resolve(cwd, file)) };
}
