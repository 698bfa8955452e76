import { TimeReader } from '../read-time.js';
import type { FoundRoute } from '../logs/to-request.js';
import type { ImportSource, SourceItem } from '../source-item.js';
import { UnreadableError } from '../unreadable.error.js';
import { FlaskCouchDatabase } from './couch-database.js';
import { flaskRequest, type FlaskSettings } from './flask-request.js';
import type { FlaskDatabase, FlaskNames, FlaskRow } from './flask-rows.js';
import { FlaskMongoDatabase } from './mongo-database.js';
import { FlaskRedisDatabase } from './redis-database.js';
import { FlaskSqlDatabase } from './sql-database.js';
import { SumComparison, type ComparedSum } from './sum-comparison.js';

/** Where the original has stored, and how its rows are read. */
export interface FlaskSourceOptions extends FlaskNames {
  /** A database's address, or the path of an SQLite file. */
  readonly address: string;
  /** The folder that paths begin at. */
  readonly cwd?: string | undefined;
  /** IANA name of the zone of the original's dates, which name none. Default: UTC. */
  readonly timeZone?: string | undefined;
  readonly findRoute?: ((method: string | null, path: string) => FoundRoute | null) | undefined;
}

/** The requests that Flask-Track-Usage has stored, of its versions 1 and 2. */
export class FlaskSource implements ImportSource {
  private readonly settings: FlaskSettings;
  private readonly local: TimeReader;
  private hasBytes = false;
  private comparison = new SumComparison([]);

  private constructor(
    private readonly database: FlaskDatabase,
    { timeZone, findRoute }: FlaskSourceOptions,
  ) {
    this.settings = { times: new TimeReader(timeZone), findRoute };
    // Sums are cut by the original's own clock, whatever zone that is in.
    this.local = new TimeReader();
  }

  /** @throws {Error} if the database cannot be opened, or holds nothing of the original. */
  static async open(options: FlaskSourceOptions): Promise<FlaskSource> {
    return new FlaskSource(await openDatabase(options), options);
  }

  async *read(signal?: AbortSignal): AsyncIterable<readonly SourceItem[]> {
    this.comparison = new SumComparison(await this.database.sums());
    for await (const rows of this.database.rows()) {
      yield rows.map((row) => this.itemOf(row));
      if (signal?.aborted) return;
    }
  }

  /** The original's sums that its records do not add up to. Known when all have been read. */
  differences(): { readonly sums: number; readonly differing: readonly ComparedSum[] } {
    return { sums: this.comparison.size, differing: this.comparison.differences(this.hasBytes) };
  }

  close(): Promise<void> {
    return this.database.close();
  }

  private itemOf({ place, usage }: FlaskRow): SourceItem {
    const content = JSON.stringify(usage, sorted);
    try {
      const { captured, facts } = flaskRequest(usage, this.settings);
      if ('content_length' in usage) this.hasBytes = true;
      if (this.comparison.size > 0) {
        const local = flaskRequest(usage, { times: this.local }).captured;
        this.comparison.add(usage, local);
      }
      return { kind: 'request', place, captured, content: utf8(`${place} ${content}`), facts };
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      return { kind: 'rejected', place, text: content, reason: error.message };
    }
  }
}

/** Objects with their names in order, so that a row is one text wherever it is read. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** As bytes, one character each, which is how contents are hashed. */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}

async function openDatabase(options: FlaskSourceOptions): Promise<FlaskDatabase> {
  const { address, table, collection, keyPrefix, cwd } = options;
  if (/^mongodb(?:\+srv)?:/i.test(address)) return FlaskMongoDatabase.open(address, collection);
  if (/^rediss?:/i.test(address)) return FlaskRedisDatabase.open(address, keyPrefix);
  if (/^https?:/i.test(address)) return new FlaskCouchDatabase(address);
  return FlaskSqlDatabase.open(address, table, cwd);
}
