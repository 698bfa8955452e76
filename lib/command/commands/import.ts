import { resolve } from 'node:path';
import { parseRange } from '../../storages/base/query/parse-range.js';
import { defineCommand, type CommandCall, type FlagTable, type FlagValues } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { importSource } from '../import/importer.js';
import { openSource } from '../import/open-source.js';
import { RejectedItems } from '../import/rejected-items.js';
import { importText } from '../import/import-text.js';
import { readRoutes } from '../import/routes/read-routes.js';
import { RouteFinder } from '../import/routes/route-finder.js';
import { rangeOf } from '../options/filter-of.js';
import { JSON_FLAG, RANGE_FLAGS } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonText } from '../output/json.js';
import { Progress } from '../output/progress.js';
import { terminalOf } from '../output/terminal.js';
import { write } from '../output/write.js';
import { withStorage } from '../storage/open-storage.js';
import { refuseUnknownSummaries } from '../storage/refuse-unknown.js';

const FLAGS = {
  ...STORAGE_FLAGS,
  ...RANGE_FLAGS,
  format: {
    type: 'string',
    value: 'FORMAT',
    help: 'combined, common, nginx-json, caddy, alb, cloudfront, w3c, ingress-nginx, traefik, envoy, ndjson (an export), the text of a log_format, or a regular expression with named groups; default: told by the lines themselves',
  },
  from: {
    type: 'string',
    value: 'SOURCE',
    help: 'flask-track-usage (with --source), or the address of another storage of this library',
  },
  source: {
    type: 'string',
    value: 'ADDRESS',
    help: 'The database of Flask-Track-Usage: an SQLite file, postgres://…, mysql://…, mongodb://…, redis://…, http://…/database of CouchDB',
  },
  'from-table': {
    type: 'string',
    value: 'NAME',
    help: 'The table that is read; default: flask_usage',
  },
  'from-summary-table': {
    type: 'string',
    value: 'NAME',
    help: 'The table of sums of the storage that is read',
  },
  'from-collection': {
    type: 'string',
    value: 'NAME',
    help: 'The collection that is read; default: usageTracking',
  },
  'from-summary-collection': {
    type: 'string',
    value: 'NAME',
    help: 'The collection of sums of the storage that is read',
  },
  'from-schema': {
    type: 'string',
    value: 'NAME',
    help: 'The schema of the tables of the storage that is read',
  },
  'from-website': {
    type: 'string',
    value: 'NAME',
    help: 'The site whose records are read, where several share collections',
  },
  'from-key-prefix': {
    type: 'string',
    value: 'PREFIX',
    help: 'The prefix of the keys that are read',
  },
  'source-time-zone': {
    type: 'string',
    value: 'ZONE',
    help: 'The time zone of dates that name none; default: UTC',
  },
  origin: {
    type: 'string',
    value: 'URL',
    help: 'Scheme and host of URLs, where the log has no host: https://shop.example',
  },
  routes: {
    type: 'string',
    value: 'FILE',
    help: "The application's routes, so that URLs find theirs: what usage.routes() returns as JSON, or an OpenAPI document",
  },
  rejected: { type: 'string', value: 'FILE', help: 'Takes what cannot be read, as it stands' },
  follow: {
    type: 'boolean',
    help: 'Waits for new lines of the last file, also after its rotation',
  },
  ...JSON_FLAG,
} as const satisfies FlagTable;

/** Brings in requests that something else has recorded. Begun again, nothing changes. */
export const importRequests = defineCommand({
  name: 'import',
  summary: 'Brings in access logs, Flask-Track-Usage, exports, and other storages',
  details:
    'What is imported again, whole or in part, changes nothing. Lines that cannot be read are counted and shown, and the others imported.',
  operands: 'FILE…',
  flags: FLAGS,
  examples: [
    'import /var/log/nginx/access.log* --origin https://shop.example --end 2026-11-29T12:00:00Z',
    'import - --format ingress-nginx --routes openapi.json < ingress.log',
    'import --from flask-track-usage --source mongodb://localhost/usage --from-collection usage',
    'import --from track-usage.sqlite --storage postgres://localhost/usage',
  ],
  run,
});

async function run({ flags, operands, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  const routes =
    flags.routes === undefined
      ? undefined
      : new RouteFinder(await readRoutes(resolve(io.cwd, flags.routes)));
  return withStorage(flags, io, { access: 'create', sums: 'kept' }, async (opened) => {
    refuseUnknownSummaries(opened, 'import');
    const { storage, timeZone, options } = opened;
    const failures: string[] = [];
    const source = await openSource(
      flags,
      operands,
      { io, options, routes },
      (file, error) => void failures.push(`${file}: ${(error as Error).message}`),
    );
    const progress = new Progress(io, 'read');
    const rejected = new RejectedItems(
      flags.rejected === undefined ? null : resolve(io.cwd, flags.rejected),
      source.encoding,
    );
    try {
      const counts = await importSource(source.source, storage, {
        enrichment: options ?? {},
        routes,
        ...datesOf(flags, timeZone),
        signal: io.signal,
        onRejected: (item) => rejected.add(item),
        onProgress: ({ read }) => progress.update(read),
      });
      progress.end();
      await rejected.close();
      const done = { ...counts, rejectedLines: rejected.first, failures, ...source.findings() };
      await write(
        io.stdout,
        flags.json ? jsonText(done) : importText(done, terminalOf(io.stdout, io)),
      );
      const isNothing = counts.stored === 0 && counts.rejected > 0;
      return failures.length > 0 || isNothing ? EXIT.failed : EXIT.ok;
    } finally {
      progress.end();
      await rejected.close();
      await source.close();
    }
  });
}

/** Who follows a log wants what comes next as well: `--last` has no end. */
function datesOf(flags: FlagValues<typeof RANGE_FLAGS>, timeZone: string) {
  const { start, end } = parseRange(rangeOf(flags, timeZone));
  const isOpen = end === null || flags.last !== undefined;
  return { startDate: start ?? undefined, endDate: isOpen ? undefined : end };
}
