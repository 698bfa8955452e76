import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { TrackUsageModuleOptions } from '../../module/track-usage.options.js';
import { checkedTimeZone } from '../../summary/index.js';
import type { CapturedClient } from '../../record/captured-request.js';
import type { CommandIo } from '../command-io.js';
import { storageOfFlags } from '../storage/storage-maker.js';
import { CommandUsageError } from '../usage-error.js';
import { NdjsonSource } from './export/ndjson-source.js';
import { FlaskSource } from './flask/flask-source.js';
import type { ComparedSum } from './flask/sum-comparison.js';
import { logFormat } from './logs/known-formats.js';
import { LogSource } from './logs/log-source.js';
import type { LoggedRequest, LogSettings } from './logs/to-request.js';
import type { RouteFinder } from './routes/route-finder.js';
import type { ImportSource } from './source-item.js';
import { StorageSource } from './storage/storage-source.js';

/** The flags that name a source. */
export interface SourceFlags {
  readonly format?: string | undefined;
  readonly from?: string | undefined;
  readonly source?: string | undefined;
  readonly 'from-table'?: string | undefined;
  readonly 'from-summary-table'?: string | undefined;
  readonly 'from-schema'?: string | undefined;
  readonly 'from-collection'?: string | undefined;
  readonly 'from-summary-collection'?: string | undefined;
  readonly 'from-website'?: string | undefined;
  readonly 'from-key-prefix'?: string | undefined;
  readonly 'source-time-zone'?: string | undefined;
  readonly origin?: string | undefined;
  readonly follow?: boolean | undefined;
}

/** What reading a source takes beside its flags. */
export interface SourceContext {
  readonly io: CommandIo;
  readonly options: TrackUsageModuleOptions | null;
  readonly routes: RouteFinder | undefined;
}

/** What a source has found out, to be printed. */
export interface SourceFindings {
  /** Of Flask-Track-Usage: how many sums it has kept, and those that its records contradict. */
  readonly originalSums?: number;
  readonly differingSums?: readonly ComparedSum[];
  /** Of another storage of this library: what is to be done next. */
  readonly next?: string;
}

/** A source, and what belongs to it. */
export interface OpenSource {
  readonly source: ImportSource;
  /** How the texts of what cannot be read are encoded. */
  readonly encoding: 'latin1' | 'utf8';
  findings(): SourceFindings;
  close(): Promise<void>;
}

/** How an application changes from the one storage to the other. */
const SWITCH_OVER =
  'To switch over without a gap: start the application with both storages, run this command once ' +
  'more, and then take the old one away. What is imported again changes nothing.';

const FLASK = 'flask-track-usage';

/**
 * Opens the source that the flags and the operands name.
 *
 * @param onFailure Told of a file that cannot be read to its end.
 * @throws {CommandUsageError} if they name none, or more than one.
 */
export async function openSource(
  flags: SourceFlags,
  files: readonly string[],
  context: SourceContext,
  onFailure: (file: string, error: unknown) => void,
): Promise<OpenSource> {
  const { from, source } = flags;
  if (from !== undefined && files.length > 0)
    throw new CommandUsageError(`Give either FILE… or --from, not both: got ${files.join(' ')}.`);
  if (source !== undefined && from !== FLASK)
    throw new CommandUsageError(`--source belongs to --from ${FLASK}.`);
  if (from === FLASK) return openFlask(flags, context);
  if (from !== undefined) return openStorage(from, flags, context);
  if (files.length === 0)
    throw new CommandUsageError(
      `import takes FILE… (- is standard input), --from ${FLASK} --source ADDRESS, or --from ADDRESS.`,
    );
  const { io } = context;
  const input = io.stdin as Readable;
  const paths = files.map((file) => (file === '-' ? file : resolve(io.cwd, file)));
  if (isExport(flags, files))
    return plain(new NdjsonSource({ files: paths, input, onFailure }), 'utf8');
  const format = flags.format === undefined ? undefined : formatOf(flags.format);
  const follow = flags.follow === true;
  const settings = logSettings(flags, context);
  return plain(
    new LogSource({ ...settings, files: paths, format, follow, input, onFailure }),
    'latin1',
  );
}

function plain(source: ImportSource, encoding: 'latin1' | 'utf8'): OpenSource {
  return { source, encoding, findings: () => ({}), close: async () => {} };
}

/** Exports are told by `--format ndjson`, or else by their names. */
function isExport({ format, follow }: SourceFlags, files: readonly string[]): boolean {
  const isNamed = files.every((file) => /\.ndjson(?:\.gz)?$/i.test(file));
  const isOne = format === 'ndjson' || (format === undefined && isNamed);
  if (isOne && follow === true)
    throw new CommandUsageError('--follow belongs to access logs, not to exports.');
  return isOne;
}

function formatOf(text: string) {
  try {
    return logFormat(text);
  } catch (error) {
    throw new CommandUsageError((error as Error).message, { cause: error });
  }
}

function logSettings(flags: SourceFlags, { options, routes }: SourceContext): LogSettings {
  const { origin } = flags;
  if (origin !== undefined && !/^https?:\/\/[^/?#\s]+$/i.test(origin))
    throw new CommandUsageError(
      `--origin: expected a scheme and a host, such as https://shop.example, but got '${origin}'.`,
    );
  const client = options?.client;
  return {
    origin,
    timeZone: zoneOf(flags),
    findRoute: routes && ((method, path) => routes.find(method, path)),
    clientOf: client && ((request) => clientOf(client, request)),
  };
}

/** The client that the application's own function names. As in capture, none if it fails. */
function clientOf(
  client: NonNullable<TrackUsageModuleOptions['client']>,
  request: LoggedRequest,
): CapturedClient | null {
  try {
    const { name, version } = client(request) ?? {};
    if (typeof name !== 'string' || name === '') return null;
    return { name, version: version ?? null };
  } catch {
    return null;
  }
}

async function openFlask(flags: SourceFlags, { io, routes }: SourceContext): Promise<OpenSource> {
  if (flags.source === undefined)
    throw new CommandUsageError(`--from ${FLASK} needs its database: give --source ADDRESS.`);
  const source = await FlaskSource.open({
    address: flags.source,
    cwd: io.cwd,
    table: flags['from-table'],
    collection: flags['from-collection'],
    keyPrefix: flags['from-key-prefix'],
    timeZone: zoneOf(flags),
    findRoute: routes && ((method, path) => routes.findAny(method, path)),
  });
  return {
    source,
    encoding: 'utf8',
    findings: () => {
      const { sums, differing } = source.differences();
      return { originalSums: sums, differingSums: differing };
    },
    close: () => source.close(),
  };
}

async function openStorage(
  address: string,
  flags: SourceFlags,
  { io }: SourceContext,
): Promise<OpenSource> {
  const { make, context } = await storageOfFlags(
    {
      storage: address,
      'record-table': flags['from-table'],
      'summary-table': flags['from-summary-table'],
      schema: flags['from-schema'],
      collection: flags['from-collection'],
      'summary-collection': flags['from-summary-collection'],
      website: flags['from-website'],
      'key-prefix': flags['from-key-prefix'],
    },
    io,
    'read',
  );
  const storage = await make();
  await storage.open({ ...context, prepares: false });
  return {
    source: new StorageSource(storage),
    encoding: 'utf8',
    findings: () => ({ next: SWITCH_OVER }),
    close: () => storage.close(),
  };
}

function zoneOf(flags: SourceFlags): string | undefined {
  const zone = flags['source-time-zone'];
  if (zone === undefined) return undefined;
  try {
    return checkedTimeZone(zone);
  } catch (error) {
    throw new CommandUsageError(`--source-time-zone: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
